import { Switch, Table, Text } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Empty, Failure, Loaded, Page } from '../../parts/Page'
import { useDraft, useSaveKey } from '../../parts/draft'
import { useFilter } from '../../parts/filter'
import { To } from '../../parts/link'
import { SaveButtons } from '../../parts/SaveButtons'
import { useSpaceId } from '../../session/space'
import { ValueField } from '../../variables/ValueField'
import { nameOf, otherwise } from '../../variables/template'
import { CommonOwner } from './CommonOwner'
import { isMissingSomewhere, reach } from './common'
import type { Common } from './common'
import { changes, isMissing, places, valueAt, withValue } from './values'
import type { Place, Values } from './values'

/** A tenant: the values that it gives to the templates of its projects, and of the variable sets that they include. */
export function Tenant() {
  const { tenant: id } = useParams({ strict: false }) as { tenant: string }
  const values = useGet('GET /api/{space}/tenants/{id}/variables', { id })
  const common = useGet('GET /api/{space}/tenants/{id}/commonvariables', { id, query: { includeMissingVariables: true } })
  const environments = useGet('GET /api/{space}/environments/all')
  const all = useMemo(() => (values.data && common.data && environments.data ? { stored: { doc: values.data, common: common.data }, environments: environments.data } : undefined), [values.data, common.data, environments.data])
  return (
    <Loaded of={{ data: all, error: values.error ?? common.error ?? environments.error, refetch: () => Promise.all([values.refetch(), common.refetch(), environments.refetch()]) }}>
      {(a) => <Editing key={a.stored.doc.TenantId} stored={a.stored} environments={a.environments} />}
    </Loaded>
  )
}

/** What projects are given stands in one document, what variable sets are given in another: only that one can say for which environments. */
interface Given {
  doc: Values
  common: Common
}

const keyOf = (p: Place) => `${p.owner} ${p.template.Id} ${p.environment ?? ''}`

function Editing({ stored, environments }: { stored: Given; environments: Schemas['Environment'][] }) {
  const space = useSpaceId()
  const { doc, common } = stored
  const { draft: whole, edit: editWhole, dirty, reset } = useDraft(stored)
  const draft = whole.doc
  const edit = (f: (old: Values) => Values) => editWhole((old) => ({ ...old, doc: f(old.doc) }))
  const [show, setShow] = useFilter('show')
  const saveProjects = useWrite('PUT /api/{space}/tenants/{id}/variables')
  const saveCommon = useWrite('PUT /api/{space}/tenants/{id}/commonvariables')
  const save = { error: saveProjects.error ?? saveCommon.error, isPending: saveProjects.isPending || saveCommon.isPending }
  const write = async () => {
    const owner = { TenantId: doc.TenantId, SpaceId: doc.SpaceId }
    const { ProjectVariables } = changes(doc, draft)
    if (Object.keys(ProjectVariables).length > 0) await saveProjects.mutateAsync({ id: doc.TenantId, body: { ...owner, ProjectVariables, LibraryVariables: {} } })
    if (whole.common !== common) await saveCommon.mutateAsync({ id: doc.TenantId, body: { ...owner, Variables: whole.common.Variables } })
    reset()
  }
  const go = () => void write().catch(() => {})
  useSaveKey(go, dirty)
  const names = new Map(environments.map((e) => [e.Id, e.Name]))
  const owners = useMemo(() => places(doc, environments.map((e) => e.Id)), [doc, environments])
  const gets = environments.filter((e) => Object.values(doc.ProjectVariables).some((p) => e.Id in p.Variables)).map((e) => ({ value: e.Id, label: e.Name }))
  const lacks = (given: Given, p: Place) => (p.environment === undefined ? isMissingSomewhere(given.common, p.owner, p.template, reach(common, p.owner, gets.map((e) => e.value))) : isMissing(given.doc, p))
  const missing = owners.flatMap((o) => o.places).filter((p) => lacks(whole, p)).length
  // What was missing when it was last read stays there while it is filled in.
  const shown = owners.map((o) => ({ ...o, places: show === 'missing' ? o.places.filter((p) => lacks(stored, p)) : o.places })).filter((o) => o.places.length > 0 || o.nowhere)
  return (
    <Page
      title={doc.TenantName}
      note={
        owners.length === 0 ? undefined : missing > 0 ? (
          <span className="state warn">{missing === 1 ? 'One value is missing' : `${missing} values are missing`}: there is no default for {missing === 1 ? 'it' : 'them'}.</span>
        ) : (
          'Every variable has a value or a default.'
        )
      }
      actions={
        <>
          {owners.length > 0 && <Switch label="Only what is missing" checked={show === 'missing'} onChange={(e) => setShow(e.currentTarget.checked ? 'missing' : null)} />}
          <SaveButtons dirty={dirty} reset={reset} save={go} pending={save.isPending} />
        </>
      }
    >
      <Failure error={save.error} />
      {owners.length === 0 && (
        <Empty title="Nothing is asked of this tenant">
          A project that it is connected to may have variable templates, and so may the variable sets that the project includes. Each tenant gives them values of its own, here.
        </Empty>
      )}
      {owners.length > 0 && shown.length === 0 && <Empty title="No value is missing" />}
      {shown.map((o) => (
        <section key={o.owner} aria-label={o.name}>
          <h2>
            {o.library ? (
              <To to="/$space/library/variables/$set" params={{ space, set: o.owner }} fz="inherit" fw="inherit">
                {o.name}
              </To>
            ) : (
              <To to="/$space/projects/$project/templates" params={{ space, project: o.owner }} fz="inherit" fw="inherit">
                {o.name}
              </To>
            )}
          </h2>
          <Text size="xs" c="dimmed" mb={4}>
            {o.library ? 'A variable set of the library: one value wherever the tenant gets a project that includes it, and others for some environments.' : 'A project: a value for each environment.'}
          </Text>
          {o.nowhere ? (
            <Text size="sm">The tenant gets this project in no environment yet.</Text>
          ) : o.library ? (
            <CommonOwner set={o.owner} templates={o.places.map((p) => p.template)} environments={gets} draft={whole.common} stored={common} edit={(f) => editWhole((old) => ({ ...old, common: f(old.common) }))} />
          ) : (
            <Owner places={o.places} names={names} draft={draft} doc={doc} set={(p, v) => edit((old) => withValue(old, p, v))} />
          )}
        </section>
      ))}
    </Page>
  )
}

interface OwnerProps {
  places: Place[]
  names: Map<string, string>
  draft: Values
  doc: Values
  set: (place: Place, value: Schemas['Property'] | undefined) => void
}

/** The values for the templates of one project. */
function Owner({ places: list, names, draft, doc, set }: OwnerProps) {
  return (
    <Table highlightOnHover={false} verticalSpacing={3}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="34%">Variable</Table.Th>
          <Table.Th w={170}>Environment</Table.Th>
          <Table.Th>Value</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {list.map((p, i) => {
          const t = p.template
          const environment = p.environment === undefined ? '' : (names.get(p.environment) ?? p.environment)
          const first = list[i - 1]?.template.Id !== t.Id
          return (
            <Table.Tr key={keyOf(p)}>
              <Table.Td style={{ verticalAlign: 'top', paddingTop: 8 }}>
                {first ? (
                  <>
                    {nameOf(t)}
                    {t.Label && <Text size="xs" c="dimmed" className="mono">{t.Name}</Text>}
                    {t.HelpText && <Text size="xs" c="dimmed">{t.HelpText}</Text>}
                  </>
                ) : (
                  <span className="vh">{nameOf(t)}</span>
                )}
              </Table.Td>
              <Table.Td style={{ verticalAlign: 'top', paddingTop: 8 }}>{environment}</Table.Td>
              <Table.Td>
                <ValueField
                  template={t}
                  label={environment ? `${nameOf(t)} in ${environment}` : nameOf(t)}
                  value={valueAt(draft, p)}
                  stored={valueAt(doc, p)}
                  set={(v) => set(p, v)}
                  otherwise={otherwise(t)}
                  error={isMissing(draft, p) ? 'A value is missing' : undefined}
                />
              </Table.Td>
            </Table.Tr>
          )
        })}
      </Table.Tbody>
    </Table>
  )
}
