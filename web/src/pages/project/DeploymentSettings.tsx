import { Group, NativeSelect, Radio, Stack, Switch, TagsInput, TextInput, Textarea } from '@mantine/core'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { donorOf, donors, withDonor } from './donor'

type Project = Schemas['Project']

interface Props {
  project: Project
  stored: Project
  edit: (next: Project) => void
}

/** How releases get their numbers and their notes. */
export function ReleaseSettings({ project: d, stored, edit }: Props) {
  const process = useGet('GET /api/{space}/projects/{id}/deploymentprocesses', { id: d.Id })
  const choices = donors(process.data?.Steps ?? [])
  const chosen = donorOf(d.VersioningStrategy, choices)
  const strategy = d.VersioningStrategy
  return (
    <Stack gap="sm" component="section" aria-label="Releases">
      <h2>Releases</h2>
      <Radio.Group
        label="Version of the next release"
        value={chosen === undefined ? 'template' : 'package'}
        onChange={(v) => edit({ ...d, VersioningStrategy: withDonor(v === 'package' ? choices[0] : undefined, stored.VersioningStrategy.Template) })}
      >
        <Group gap="md" mt={4}>
          <Radio size="xs" value="template" label="From a template" />
          <Radio size="xs" value="package" label={choices.length > 0 ? 'That of a package of the process' : 'That of a package: the process has none'} disabled={choices.length === 0 && chosen === undefined} />
        </Group>
      </Radio.Group>
      {chosen === undefined ? (
        <TextInput label="Template" description="1.2.i counts the last number up; #{Octopus.Version.LastMajor} and the like are the last release's" value={strategy.Template ?? ''} onChange={(e) => edit({ ...d, VersioningStrategy: withDonor(undefined, e.currentTarget.value) })} />
      ) : (
        <NativeSelect
          label="Package"
          value={chosen}
          onChange={(e) => {
            const donor = choices.find((c) => c.value === e.currentTarget.value)
            if (donor) edit({ ...d, VersioningStrategy: withDonor(donor, null) })
          }}
          data={[...(choices.some((c) => c.value === chosen) ? [] : [{ value: chosen, label: `${strategy.DonorPackage?.DeploymentAction ?? chosen}: not in the process any more` }]), ...choices.map((c) => ({ value: c.value, label: c.label }))]}
          error={choices.some((c) => c.value === chosen) || !process.data ? undefined : 'Choose another: releases cannot be numbered'}
        />
      )}
      <Textarea label="Release notes to begin with" description="Markdown; the page for a new release starts with it" autosize minRows={2} maxRows={12} value={d.ReleaseNotesTemplate ?? ''} onChange={(e) => edit({ ...d, ReleaseNotesTemplate: e.currentTarget.value || null })} />
    </Stack>
  )
}

/** What deployments do where machines are missing or not well, and when a step fails. */
export function DeploymentSettings({ project: d, edit }: Omit<Props, 'stored'>) {
  const known = useGet('GET /api/{space}/machineroles/all')
  const policy = d.ProjectConnectivityPolicy
  const set = (part: Partial<Project['ProjectConnectivityPolicy']>) => edit({ ...d, ProjectConnectivityPolicy: { ...policy, ...part } })
  const skips = policy.SkipMachineBehavior === 'SkipUnavailableMachines'
  return (
    <Stack gap="sm" component="section" aria-label="Deployments">
      <h2>Deployments</h2>
      <NativeSelect
        label="Machines that are not available"
        value={policy.SkipMachineBehavior}
        onChange={(e) => set({ SkipMachineBehavior: e.currentTarget.value })}
        data={[
          { value: 'None', label: 'Steps fail on them' },
          { value: 'SkipUnavailableMachines', label: 'They are left out' },
        ]}
      />
      {skips && <TagsInput label="Left out only with one of these roles" description="Empty: whatever roles they have" data={known.data ?? []} value={policy.TargetRoles} onChange={(v) => set({ TargetRoles: v })} />}
      <Switch label="Machines that are not healthy are left out" checked={policy.ExcludeUnhealthyTargets} onChange={(e) => set({ ExcludeUnhealthyTargets: e.currentTarget.checked })} />
      <Switch label="A deployment may begin where there is no machine for any of its steps" checked={policy.AllowDeploymentsToNoTargets} onChange={(e) => set({ AllowDeploymentsToNoTargets: e.currentTarget.checked })} />
      <Switch label="Packages are brought to machines again that have them already" checked={d.ForcePackageDownload} onChange={(e) => edit({ ...d, ForcePackageDownload: e.currentTarget.checked })} />
      <NativeSelect
        label="When a step fails"
        description="Kept for clients: this server ends the deployment, and asks nobody"
        value={d.DefaultGuidedFailureMode}
        onChange={(e) => edit({ ...d, DefaultGuidedFailureMode: e.currentTarget.value })}
        data={[
          { value: 'EnvironmentDefault', label: 'As the environment says' },
          { value: 'Off', label: 'The deployment fails' },
          { value: 'On', label: 'A person is asked what to do' },
        ]}
      />
      <Textarea
        label="Changes of a deployment"
        description="A template for what a deployment brings, in Markdown. Empty: the notes of its releases"
        placeholder="#{each release in Octopus.Deployment.Changes}#{release.Version}: #{release.ReleaseNotes}#{/each}"
        autosize
        minRows={2}
        maxRows={12}
        value={d.DeploymentChangesTemplate ?? ''}
        onChange={(e) => edit({ ...d, DeploymentChangesTemplate: e.currentTarget.value || null })}
      />
    </Stack>
  )
}
