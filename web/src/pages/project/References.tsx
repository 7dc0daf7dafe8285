import { Autocomplete, Button, Checkbox, Group, NativeSelect, Stack, Table, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useGet } from '../../api/hooks'
import { Dialog } from '../../parts/Dialog'
import type { Action } from './beginning'
import { newReference, referenceProblem, withReference } from './steps'
import type { Reference } from './steps'

/** Further packages of a script: a release selects a version of each, and they lie beside the script where it runs. */
export function References({ action, setAction }: { action: Action; setAction: (f: (a: Action) => Action) => void }) {
  const feeds = useGet('GET /api/{space}/feeds/all')
  const [editing, setEditing] = useState<{ was?: Reference; now: Reference }>()
  const list = action.Packages.filter((p) => p.Name !== '')
  const feedOf = (id: string) => feeds.data?.find((f) => f.Id === id)?.Name ?? id
  return (
    <Stack gap={4} role="group" aria-label="Referenced packages">
      {list.length > 0 && (
        <Table highlightOnHover={false}>
          <caption style={{ captionSide: 'top', textAlign: 'left', fontSize: 12, fontWeight: 700, padding: 0 }}>Referenced packages</caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Package</Table.Th>
              <Table.Th>Feed</Table.Th>
              <Table.Th w={170} aria-label="Actions" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {list.map((r) => (
              <Table.Tr key={r.Name}>
                <Table.Td>
                  {r.Name}
                  <Text size="xs" c="dimmed">
                    <Variable of={r} member="PackageVersion" />
                  </Text>
                </Table.Td>
                <Table.Td>{r.PackageId}</Table.Td>
                <Table.Td>{feedOf(r.FeedId)}</Table.Td>
                <Table.Td>
                  <Group gap={4} wrap="nowrap" justify="flex-end">
                    <Button variant="default" aria-haspopup="dialog" aria-label={`Edit the package ${r.Name}`} onClick={() => setEditing({ was: r, now: r })}>
                      Edit
                    </Button>
                    <Button variant="default" aria-label={`Remove the package ${r.Name}`} onClick={() => setAction((a) => ({ ...a, Packages: a.Packages.filter((p) => p.Name !== r.Name) }))}>
                      Remove
                    </Button>
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Group gap="sm">
        <Button variant="subtle" aria-haspopup="dialog" onClick={() => setEditing({ now: newReference() })}>
          Refer to a package
        </Button>
      </Group>
      {editing && (
        <Edit
          start={editing.now}
          title={editing.was ? `The package ${editing.was.Name}` : 'Refer to a package'}
          others={list.filter((r) => r !== editing.was).map((r) => r.Name)}
          feeds={(feeds.data ?? []).map((f) => ({ value: f.Id, label: f.Name }))}
          close={() => setEditing(undefined)}
          done={(r) => {
            setAction((a) => withReference(a, editing.was?.Name, r))
            setEditing(undefined)
          }}
        />
      )}
    </Stack>
  )
}

/** What the server does not bring, the script fetches by itself. */
function brought(r: Reference): boolean {
  return r.AcquisitionLocation !== 'NotAcquired'
}

function extracted(r: Reference): boolean {
  return r.Properties['Extract']?.toLowerCase() === 'true'
}

function Variable({ of, member }: { of: Reference; member: string }) {
  return <span className="mono" style={{ whiteSpace: 'nowrap' }}>{`#{Octopus.Action.Package[${of.Name || 'name'}].${member}}`}</span>
}

interface EditProps {
  start: Reference
  title: string
  /** The names of the other packages of the action. */
  others: string[]
  feeds: { value: string; label: string }[]
  close: () => void
  done: (r: Reference) => void
}

function Edit({ start, title, others, feeds, close, done }: EditProps) {
  const [r, set] = useState(start)
  const [tried, setTried] = useState(false)
  // The name follows the package until somebody gives another.
  const own = r.Name !== '' && r.Name !== r.PackageId
  const [term] = useDebouncedValue(r.PackageId, 200)
  const found = useGet('GET /api/{space}/feeds/{id}/packages/search', { id: r.FeedId, query: { term, take: 20 } }, { keep: true })
  const problem = referenceProblem(r, others)
  return (
    <Dialog close={close} title={title}>
      <form
        onSubmit={(e) => {
          e.preventDefault()
          setTried(true)
          if (!problem) done(r)
        }}
        noValidate
      >
        <Stack gap="sm">
          <NativeSelect label="Feed" value={r.FeedId} onChange={(e) => set({ ...r, FeedId: e.currentTarget.value })} data={feeds} />
          <Autocomplete
            size="xs"
            label="Package"
            value={r.PackageId}
            onChange={(id) => set((old) => ({ ...old, PackageId: id, Name: own ? old.Name : id }))}
            data={[...new Set((found.data?.Items ?? []).map((d) => d.Id))]}
            required
            error={tried && problem?.field === 'PackageId' ? problem.text : undefined}
            data-autofocus
          />
          <TextInput label="Name" description="By which the script and the rules of channels know it" value={r.Name} onChange={(e) => set({ ...r, Name: e.currentTarget.value })} required error={(tried || own) && problem?.field === 'Name' ? problem.text : undefined} />
          <Checkbox
            label="Bring it to where the script runs"
            checked={brought(r)}
            onChange={(e) => set({ ...r, AcquisitionLocation: e.currentTarget.checked ? 'Server' : 'NotAcquired' })}
          />
          <Checkbox
            label="Extract it"
            description={extracted(r) ? 'into a directory with its name beside the script' : 'Else the file itself lies there, under its name'}
            disabled={!brought(r)}
            checked={extracted(r)}
            onChange={(e) => set({ ...r, Properties: { ...r.Properties, Extract: e.currentTarget.checked ? 'True' : 'False' } })}
          />
          <Text size="xs" c="dimmed">
            Each release selects a version. The script reads it as <Variable of={r} member="PackageVersion" />
            {brought(r) && (
              <>
                , and where the package lies as <Variable of={r} member={extracted(r) ? 'ExtractedPath' : 'PackageFilePath'} />
              </>
            )}
            .
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Not now
            </Button>
            <Button type="submit">Done</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
