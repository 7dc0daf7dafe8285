import { Autocomplete, Button, Group, NativeSelect, Stack, Table, Text, TextInput, Textarea } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Empty, Failure, Loaded, Page } from '../../parts/Page'
import { ButtonTo } from '../../parts/link'
import { useSpaceId } from '../../session/space'
import { useProject } from './Project'

type Template = Schemas['ProjectapiTemplate']
type Wanted = Schemas['TemplatePackage']

const keyOf = (w: Wanted) => `${w.ActionName}/${w.PackageReferenceName}`

export function NewRelease() {
  const space = useSpaceId()
  const p = useProject()
  const channels = useGet('GET /api/{space}/projects/{id}/channels', { id: p.Id, query: { take: 1000 } })
  const [chosen, setChannel] = useState('')
  const channel = chosen || channels.data?.Items.find((c) => c.IsDefault)?.Id || ''
  const process = useGet('GET /api/{space}/projects/{id}/deploymentprocesses', { id: p.Id })
  const template = useGet('GET /api/{space}/projects/{id}/deploymentprocesses/template', { id: p.Id, query: { channel } }, { enabled: channel !== '' })
  if (process.data && process.data.Steps.length === 0)
    return (
      <Page title="Create a release">
        <Empty
          title="This project has no steps yet"
          action={
            <ButtonTo to="/$space/projects/$project/process" params={{ space, project: p.Slug }}>
              Add a step
            </ButtonTo>
          }
        >
          A release keeps the process as it is now; there is none yet.
        </Empty>
      </Page>
    )
  return (
    <Page title="Create a release" note="It keeps the process, the variables and the versions of packages as they are now.">
      <Loaded of={{ data: template.data, error: template.error ?? channels.error, refetch: () => Promise.all([channels.refetch(), template.refetch()]) }}>{(t) => <Form key={t.DeploymentProcessId} template={t} channel={channel} channels={channels.data?.Items ?? []} setChannel={setChannel} />}</Loaded>
    </Page>
  )
}

function Form({ template, channel, channels, setChannel }: { template: Template; channel: string; channels: Schemas['Channel'][]; setChannel: (id: string) => void }) {
  const space = useSpaceId()
  const p = useProject()
  const navigate = useNavigate()
  const [version, setVersion] = useState(template.NextVersionIncrement ?? '')
  const [typed, setTyped] = useState(false)
  const [notes, setNotes] = useState(p.ReleaseNotesTemplate ?? '')
  const [versions, setVersions] = useState<Record<string, string>>({})
  const create = useWrite('POST /api/{space}/releases', (r) => void navigate({ to: '/$space/projects/$project/releases/$version', params: { space, project: p.Slug, version: r.Version } }))
  const donor = template.VersioningPackageStepName
  const choose = (w: Wanted, value: string) => {
    setVersions((old) => ({ ...old, [keyOf(w)]: value }))
    if (!typed && donor && [w.ActionName, w.StepName].includes(donor) && w.PackageReferenceName === (template.VersioningPackageReferenceName ?? '')) setVersion(value)
  }
  const asked = template.Packages.filter((w) => w.IsResolvable !== false || w.PackageId)
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        create.mutate({
          body: {
            ProjectId: p.Id, ChannelId: channel, Version: version, ReleaseNotes: notes,
            SelectedPackages: asked.map((w) => ({ ActionName: w.ActionName, StepName: w.StepName, PackageReferenceName: w.PackageReferenceName, Version: versions[keyOf(w)] ?? '' })),
          },
        })
      }}
    >
      <Stack gap="sm" maw={760}>
        <Group align="flex-start">
          <TextInput
            label="Version"
            value={version}
            onChange={(e) => {
              setTyped(true)
              setVersion(e.currentTarget.value)
            }}
            required
            description={template.LastReleaseVersion ? `The last one is ${template.LastReleaseVersion}` : 'It is the first one'}
          />
          {channels.length > 1 && <NativeSelect label="Channel" description="A kind of release" value={channel} onChange={(e) => setChannel(e.currentTarget.value)} data={channels.map((c) => ({ value: c.Id, label: c.Name }))} />}
        </Group>
        {asked.length > 0 && (
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Step</Table.Th>
                <Table.Th>Package</Table.Th>
                <Table.Th>Version</Table.Th>
                <Table.Th>Last time</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {asked.map((w) => (
                <PackageRow key={keyOf(w)} wanted={w} value={versions[keyOf(w)]} set={(v) => choose(w, v)} />
              ))}
            </Table.Tbody>
          </Table>
        )}
        <Textarea label="Release notes" description="Markdown" autosize minRows={4} value={notes} onChange={(e) => setNotes(e.currentTarget.value)} />
        <Failure error={create.error} />
        <Group>
          <Button type="submit" loading={create.isPending}>
            Create the release
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** A package with its versions; the newest is selected until somebody chooses. */
function PackageRow({ wanted, value, set }: { wanted: Wanted; value: string | undefined; set: (v: string) => void }) {
  const found = useGet('GET /api/{space}/feeds/{id}/packages/versions', { id: wanted.FeedId, query: { packageId: wanted.PackageId, take: 30, includePreRelease: true } }, { enabled: wanted.IsResolvable })
  const newest = wanted.FixedVersion ?? found.data?.Items[0]?.Version
  useEffect(() => {
    if (value === undefined && newest) set(newest)
  })
  return (
    <Table.Tr>
      <Table.Td>{wanted.StepName}</Table.Td>
      <Table.Td>
        {wanted.PackageId}
        {wanted.PackageReferenceName && <Text size="xs" c="dimmed">as {wanted.PackageReferenceName}</Text>}
      </Table.Td>
      <Table.Td w={220}>
        <Autocomplete size="xs" aria-label={`Version of ${wanted.PackageReferenceName || wanted.PackageId}`} value={value ?? ''} onChange={set} data={[...new Set((found.data?.Items ?? []).map((v) => v.Version))]} required />
        {found.data?.Items.length === 0 && (
          <Text size="xs" c="var(--warn)">
            The feed {wanted.FeedName} has no version of it.
          </Text>
        )}
        {found.error && <Text size="xs" c="var(--fail)">{found.error.message}</Text>}
      </Table.Td>
      <Table.Td>{wanted.VersionSelectedLastRelease ?? ''}</Table.Td>
    </Table.Tr>
  )
}
