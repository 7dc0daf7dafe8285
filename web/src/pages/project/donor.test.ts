import { expect, test } from 'vitest'
import { newStep, packageType, scriptType } from './beginning'
import type { Step } from './beginning'
import { donorOf, donors, withDonor } from './donor'
import { newReference, withAction, withReference } from './steps'

const whole = (s: Partial<Step>, slug: string) => withAction(s as Step, (a) => ({ ...a, Id: `id-${slug}`, Slug: slug }))
const steps = [
  withAction(whole(newStep(packageType, 'Deploy web', 'web'), 'deploy-web'), (a) => ({ ...a, Packages: a.Packages.map((p) => ({ ...p, PackageId: 'Shop.Web' })) })),
  withAction(whole(newStep(scriptType, 'Migrate'), 'migrate'), (a) => withReference(a, undefined, { ...newReference(), Name: 'tools', PackageId: 'Shop.Tools' })),
]

test('each package of the process can number releases', () => {
  expect(donors(steps).map((d) => d.label)).toEqual(['Deploy web: Shop.Web', 'Migrate: Shop.Tools (tools)'])
  expect(donors([withAction(steps[0]!, (a) => ({ ...a, IsDisabled: true }))])).toEqual([])
})

test('a strategy names a package by the name, the slug or the ID of its action', () => {
  const all = donors(steps)
  const named = (DeploymentAction: string, PackageReference = '') => donorOf({ Template: null, DonorPackageStepId: null, DonorPackage: { DeploymentAction, PackageReference } }, all)
  expect([named('deploy web'), named('deploy-web'), named('id-deploy-web')]).toEqual(['Deploy web/', 'Deploy web/', 'Deploy web/'])
  expect(named('Migrate', 'Tools')).toBe('Migrate/tools')
  expect(named('gone')).toBe('gone/')
  expect(donorOf(withDonor(undefined, '1.i'), all)).toBeUndefined()
  expect(donorOf(withDonor(all[1], '1.i'), all)).toBe('Migrate/tools')
  expect(withDonor(all[0], '1.i').Template).toBeNull()
})
