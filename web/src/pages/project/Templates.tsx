import { Text } from '@mantine/core'
import { useWrite } from '../../api/hooks'
import { Failure, Page } from '../../parts/Page'
import { useDraft, useSaveKey } from '../../parts/draft'
import { To } from '../../parts/link'
import { SaveButtons } from '../../parts/SaveButtons'
import { useSpaceId } from '../../session/space'
import { Templates } from '../../variables/Templates'
import { useProject } from './Project'

/** The variables of a project to which each of its tenants gives values, for each environment. */
export function ProjectTemplates() {
  const space = useSpaceId()
  const p = useProject()
  const { draft: d, edit, dirty, reset } = useDraft(p)
  const save = useWrite('PUT /api/{space}/projects/{id}', reset)
  const go = () => save.mutate({ id: p.Id, body: d })
  useSaveKey(go, dirty)
  return (
    <Page
      title="Variable templates"
      note="Variables to which each tenant gives a value of its own, for each environment."
      actions={<SaveButtons dirty={dirty} reset={reset} save={go} pending={save.isPending} />}
    >
      <Failure error={save.error} />
      <Text size="sm">
        {p.TenantedDeploymentMode === 'Untenanted' ? 'This project is deployed without tenants, as its ' : 'Whether it is deployed for tenants is one of its '}
        <To to="/$space/projects/$project/settings" params={{ space, project: p.Slug }} underline="always">
          settings
        </To>
        {p.TenantedDeploymentMode === 'Untenanted' ? ' say: nobody is asked for these values.' : '. The values are given on the pages of the '}
        {p.TenantedDeploymentMode !== 'Untenanted' && (
          <>
            <To to="/$space/library/tenants" params={{ space }} underline="always">
              tenants
            </To>
            .
          </>
        )}
      </Text>
      <Templates templates={d.Templates} stored={p.Templates} change={(Templates) => edit((old) => ({ ...old, Templates }))} />
    </Page>
  )
}
