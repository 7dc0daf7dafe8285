// The packages of a process: one of them may give releases their version, and the rules of channels are about some.
import type { Schemas } from '../../api/schema'
import type { Step } from './beginning'

type Strategy = Schemas['VersioningStrategy']
export interface Donor {
  value: string
  label: string
  names: string[]
  package: Schemas['ActionPackage']
}

const valueOf = (p: Schemas['ActionPackage']) => `${p.DeploymentAction}/${p.PackageReference}`

/** The packages of a process, by action and name. */
export function donors(steps: Step[]): Donor[] {
  const all = steps.flatMap((s) =>
    s.Actions.filter((a) => !a.IsDisabled).flatMap((a) =>
      a.Packages.map((p) => {
        const given = { DeploymentAction: a.Name, PackageReference: p.Name }
        return { value: valueOf(given), label: `${a.Name}: ${p.PackageId}${p.Name && p.Name !== p.PackageId ? ` (${p.Name})` : ''}`, names: [a.Name, a.Slug, a.Id, s.Id].map((n) => n.toLowerCase()), package: given }
      }),
    ),
  )
  return all.filter((d, i) => all.findIndex((other) => other.value === d.value) === i)
}

/** Which of them is named, by the action's name, slug or ID; what is named itself where the process has no such package. */
export function choiceOf(given: Schemas['ActionPackage'], choices: Donor[]): string {
  const reference = given.PackageReference.toLowerCase()
  return choices.find((c) => c.names.includes(given.DeploymentAction.toLowerCase()) && c.package.PackageReference.toLowerCase() === reference)?.value ?? valueOf(given)
}

/** Which of them a strategy names; none with a template. */
export function donorOf(strategy: Strategy, choices: Donor[]): string | undefined {
  const given = (strategy.DonorPackage as Schemas['ActionPackage'] | null) ?? (strategy.DonorPackageStepId && !strategy.Template ? { DeploymentAction: strategy.DonorPackageStepId, PackageReference: '' } : null)
  return given ? choiceOf(given, choices) : undefined
}

/** A strategy by a package, or by a template: never by both. */
export const withDonor = (donor: Donor | undefined, template: string | null): Strategy => ({
  Template: donor ? null : template || null, DonorPackage: (donor?.package ?? null) as Strategy['DonorPackage'], DonorPackageStepId: null,
})
