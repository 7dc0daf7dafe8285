import { Button, Group, MultiSelect, NumberInput, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Dialog } from '../../parts/Dialog'
import { Failure } from '../../parts/Page'

type Named = { Id: string; Name: string }
type Configuration = Schemas['Configuration']

const options = (list: Named[]) => list.map((x) => ({ value: x.Id, label: x.Name }))

/** What somebody wants to see on the dashboard: it is kept with the user, so it is the same in every browser, and for scripts. */
export function Chosen({ configuration, groups, projects, environments, close }: { configuration: Configuration; groups: Named[]; projects: Named[]; environments: Named[]; close: () => void }) {
  const [c, set] = useState(configuration)
  const save = useWrite('PUT /api/{space}/dashboardconfiguration', close)
  const list = (label: string, from: Named[], name: 'IncludedProjectGroupIds' | 'IncludedProjectIds' | 'IncludedEnvironmentIds') => (
    <MultiSelect label={label} placeholder={c[name].length ? '' : 'all of them'} data={options(from)} value={c[name]} onChange={(v) => set({ ...c, [name]: v })} searchable clearable limit={100} />
  )
  return (
    <Dialog close={close} title="What the dashboard shows" size="lg">
      <form
        onSubmit={(e) => {
          e.preventDefault()
          save.mutate({ body: c })
        }}
      >
        <Stack gap="sm">
          <Text size="sm">For you, in this space. What is left empty leaves nothing out.</Text>
          {list('Project groups', groups, 'IncludedProjectGroupIds')}
          {list('Projects', projects, 'IncludedProjectIds')}
          {list('Environments', environments, 'IncludedEnvironmentIds')}
          <NumberInput label="Projects at most" description="Empty: all of them" min={1} value={c.ProjectLimit ?? ''} onChange={(v) => set({ ...c, ProjectLimit: v === '' ? null : Number(v) })} w={200} />
          <Failure error={save.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => set({ ...c, IncludedProjectGroupIds: [], IncludedProjectIds: [], IncludedEnvironmentIds: [], ProjectLimit: null })}>
              Show everything
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
