import { Button, Group, Stack, Table, Text, TextInput } from '@mantine/core'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Ask } from '../../parts/Ask'
import { Failure, Loaded, Page } from '../../parts/Page'
import { State } from '../../parts/State'
import { Time } from '../../parts/Time'
import { ButtonTo, To } from '../../parts/link'
import { useSpaceId } from '../../session/space'
import { useProject } from './Project'
import { nextWords } from './next'

export function Release() {
  const p = useProject()
  const { version } = useParams({ strict: false }) as { version: string }
  const release = useGet('GET /api/{space}/projects/{id}/releases/{version}', { id: p.Id, version })
  return <Loaded of={release}>{(r) => <Body release={r} />}</Loaded>
}

function Body({ release }: { release: Schemas['Release'] }) {
  const space = useSpaceId()
  const p = useProject()
  const navigate = useNavigate()
  const place = { space, project: p.Slug, version: release.Version }
  const progression = useGet('GET /api/{space}/releases/{id}/progression', { id: release.Id })
  const environments = useGet('GET /api/{space}/environments/all')
  const deployments = useGet('GET /api/{space}/releases/{id}/deployments', { id: release.Id, query: { take: 50 } })
  const template = useGet('GET /api/{space}/releases/{id}/deployments/template', { id: release.Id })
  const defects = useGet('GET /api/{space}/releases/{id}/defects', { id: release.Id })
  const missing = useGet('GET /api/{space}/releases/{id}/missingpackages', { id: release.Id })
  const remove = useWrite('DELETE /api/{space}/releases/{id}', () => void navigate({ to: '/$space/projects/$project/releases', params: { space, project: p.Slug } }))
  const snapshot = useWrite('POST /api/{space}/releases/{id}/snapshot-variables')
  const report = useWrite('POST /api/{space}/releases/{id}/defects')
  const resolve = useWrite('POST /api/{space}/releases/{id}/defects/resolve')
  const [reason, setReason] = useState('')
  const name = (id: string) => environments.data?.find((e) => e.Id === id)?.Name ?? id
  const blocked = defects.data?.Items.find((d) => d.Status === 'Unresolved')
  return (
    <Page
      title={`Release ${release.Version}`}
      note={
        <>
          created <Time at={release.Assembled} />
        </>
      }
      actions={
        <>
          {blocked ? (
            <Button variant="default" loading={resolve.isPending} onClick={() => resolve.mutate({ id: release.Id, body: {} })}>
              Unblock
            </Button>
          ) : (
            <Ask label="Block" title="Block this release" go="Block it" onGo={() => report.mutateAsync({ id: release.Id, body: { Description: reason } })} error={report.error}>
              <TextInput label="Why" value={reason} onChange={(e) => setReason(e.currentTarget.value)} required data-autofocus />
            </Ask>
          )}
          {template.data?.IsVariableSetModified || template.data?.IsLibraryVariableSetModified ? (
            <Ask label="Update variables" title="Take the variables as they are now?" go="Take them" onGo={() => snapshot.mutateAsync({ id: release.Id, body: {} })} error={snapshot.error}>
              <Text size="sm">The variables have changed since this release was made. Deployments from now on will use the new ones.</Text>
            </Ask>
          ) : null}
          <Ask label="Delete" title={`Delete release ${release.Version}?`} go="Delete it" danger onGo={() => remove.mutateAsync({ id: release.Id })} error={remove.error}>
            <Text size="sm">Its deployments are deleted with it, and so are their logs.</Text>
          </Ask>
          <ButtonTo to="/$space/projects/$project/releases/$version/deploy" params={place}>
            Deploy …
          </ButtonTo>
        </>
      }
    >
      {blocked && (
        <Text size="sm">
          <span className="state fail">Blocked:</span> {blocked.Description}
        </Text>
      )}
      {(missing.data?.Packages ?? []).map((m) => (
        <Text key={m.Id + m.Version} size="sm" className="state warn">
          The package {m.Id} {m.Version} is no longer in its feed.
        </Text>
      ))}
      <Loaded of={progression}>
        {(doc) => (
          <section aria-label="Progress">
            <div className="phases">
              {doc.Phases.map((phase, i) => (
                <Group key={phase.Id} gap={0} wrap="nowrap" align="stretch">
                  {i > 0 && <span className="arrow">→</span>}
                  <div className="phase">
                    <Text size="sm" fw={600}>
                      {phase.Name}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {nextWords(phase)}
                    </Text>
                    <Stack gap={3} mt={4}>
                      {[...phase.AutomaticDeploymentTargets, ...phase.OptionalDeploymentTargets].map((e) => (
                        <Group key={e} gap={6} wrap="nowrap">
                          {doc.NextDeployments.includes(e) ? (
                            <To to="/$space/projects/$project/releases/$version/deploy" params={place} search={{ to: e }}>
                              Deploy to {name(e)}
                            </To>
                          ) : (
                            <Text size="sm">{name(e)}</Text>
                          )}
                        </Group>
                      ))}
                    </Stack>
                  </div>
                </Group>
              ))}
            </div>
          </section>
        )}
      </Loaded>
      <h2>Deployments</h2>
      <Loaded of={deployments} rows={2}>
        {(list) =>
          list.Items.length === 0 ? (
            <Text c="dimmed" size="sm">
              It was not deployed yet.
            </Text>
          ) : (
            <Table>
              <Table.Tbody>
                {list.Items.map((d) => (
                  <DeploymentRow key={d.Id} d={d} environment={name(d.EnvironmentId)} />
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Loaded>
      <Failure error={resolve.error} />
      {release.SelectedPackages.length > 0 && (
        <>
          <h2>Packages</h2>
          <Table maw={560}>
            <Table.Tbody>
              {release.SelectedPackages.map((x) => (
                <Table.Tr key={x.ActionName + x.PackageReferenceName}>
                  <Table.Td>{x.ActionName}</Table.Td>
                  <Table.Td>{x.Version}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </>
      )}
      {release.ReleaseNotes && (
        <>
          <h2>Notes</h2>
          <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
            {release.ReleaseNotes}
          </Text>
        </>
      )}
    </Page>
  )
}

function DeploymentRow({ d, environment }: { d: Schemas['Deployment']; environment: string }) {
  const space = useSpaceId()
  const task = useGet('GET /api/tasks/{id}', { id: d.TaskId })
  return (
    <Table.Tr>
      <Table.Td>
        <To to="/$space/tasks/$task" params={{ space, task: d.TaskId }}>
          {environment}
        </To>
      </Table.Td>
      <Table.Td>{task.data && <State state={task.data.State} warned={task.data.HasWarningsOrErrors} />}</Table.Td>
      <Table.Td>
        <Time at={d.Created} />
      </Table.Td>
      <Table.Td>{d.DeployedBy}</Table.Td>
      <Table.Td>{d.Comments}</Table.Td>
    </Table.Tr>
  )
}
