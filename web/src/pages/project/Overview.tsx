import { Group, Table, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Empty, Loaded, Page } from '../../parts/Page'
import { LookIcon } from '../../parts/State'
import { Time } from '../../parts/Time'
import { ButtonTo, To } from '../../parts/link'
import { lookOf, wordOf } from '../../parts/state'
import { useSpaceId } from '../../session/space'
import { useProject } from './Project'
import { whyNot } from './next'

type Row = Schemas['ReleaseProgression']

/** Releases by environment: where each one is, and where it can go next. */
export function Overview() {
  const space = useSpaceId()
  const p = useProject()
  const progression = useGet('GET /api/{space}/projects/{id}/progression', { id: p.Id, query: { releaseHistoryCount: 30 } })
  const pulse = useGet('GET /api/{space}/projects/pulse', { query: { projectIds: p.Id } })
  const environments = useGet('GET /api/{space}/environments/all')
  const hasProcess = pulse.data?.[0]?.HasDeploymentProcess ?? true
  return (
    <Page title="Overview" note={p.Description}>
      <Loaded of={progression}>
        {(doc) =>
          doc.Releases.length === 0 ? (
            <Empty
              title={hasProcess ? 'This project has no release yet' : 'This project has no steps yet'}
              action={
                hasProcess ? (
                  <ButtonTo to="/$space/projects/$project/releases/new" params={{ space, project: p.Slug }}>
                    Create a release
                  </ButtonTo>
                ) : (
                  <ButtonTo to="/$space/projects/$project/process" params={{ space, project: p.Slug }}>
                    Add a step
                  </ButtonTo>
                )
              }
            >
              {hasProcess ? 'A release keeps the process, the variables and the versions of packages as they are now, under a number.' : 'The process says what a deployment does. It needs a step before there can be a release.'}
            </Empty>
          ) : (
            <Table.ScrollContainer minWidth={400}>
              <Table verticalSpacing={3}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Release</Table.Th>
                    {doc.Environments.map((e) => (
                      <Table.Th key={e.Id}>{e.Name}</Table.Th>
                    ))}
                    <Table.Th>Next</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {doc.Releases.map((r) => (
                    <ReleaseRow key={(r.Release as Schemas['Release']).Id} row={r} environments={doc.Environments} names={new Map((environments.data ?? []).map((e) => [e.Id, e.Name]))} />
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Loaded>
    </Page>
  )
}

function ReleaseRow({ row, environments, names }: { row: Row; environments: Schemas['DeploymentReference'][]; names: Map<string, string> }) {
  const space = useSpaceId()
  const p = useProject()
  const release = row.Release as Schemas['Release']
  const channel = row.Channel as Schemas['Channel'] | null
  const place = { space, project: p.Slug, version: release.Version }
  const next = row.NextDeployments
  const way = useGet('GET /api/{space}/lifecycles/{id}/preview', { id: channel?.LifecycleId || p.LifecycleId })
  return (
    <Table.Tr>
      <Table.Td w={190}>
        <To to="/$space/projects/$project/releases/$version" params={place} fw={600}>
          {release.Version}
        </To>
        <Text size="xs" c="dimmed">
          {channel?.Name !== 'Default' && channel ? `${channel.Name} · ` : ''}
          <Time at={release.Assembled} />
        </Text>
      </Table.Td>
      {environments.map((e) => {
        const d = row.Deployments[e.Id]?.[0]
        if (d) {
          const look = lookOf(d.State, d.HasWarningsOrErrors)
          return (
            <Table.Td key={e.Id}>
              <Link to="/$space/tasks/$task" params={{ space, task: d.TaskId }} className={`cellbox ${look}`} style={{ display: 'block', padding: '4px 8px', borderRadius: 4, color: 'inherit' }}>
                <span className="version">
                  <span className="vh">
                    {release.Version} in {e.Name}:{' '}
                  </span>
                  <LookIcon look={look} />
                  {wordOf(d.State, d.HasWarningsOrErrors)}
                </span>
                <span className="when">
                  <Time at={d.CompletedTime ?? d.Created} />
                </span>
              </Link>
            </Table.Td>
          )
        }
        return (
          <Table.Td key={e.Id}>
            {next.includes(e.Id) && !row.HasUnresolvedDefect ? (
              <ButtonTo to="/$space/projects/$project/releases/$version/deploy" params={place} search={{ to: e.Id }} variant="default">
                Deploy …
              </ButtonTo>
            ) : (
              <Text size="xs" c="dimmed">
                {whyNot(e.Id, way.data?.Phases ?? [], next, row.HasUnresolvedDefect)}
              </Text>
            )}
          </Table.Td>
        )
      })}
      <Table.Td>
        <Text size="xs" c="dimmed">
          {row.HasUnresolvedDefect ? (
            <span className="state fail">blocked</span>
          ) : next.length > 0 ? (
            <Group gap={4}>{next.map((id) => names.get(id) ?? id).join(', ')}</Group>
          ) : (
            'at its end'
          )}
        </Text>
      </Table.Td>
    </Table.Tr>
  )
}
