import { Navigate, useParams } from '@tanstack/react-router'
import { useGet } from '../../api/hooks'
import { Loaded } from '../../parts/Page'
import { useSpaceId } from '../../session/space'

/** A deployment is shown by its task. */
export function Deployment() {
  const space = useSpaceId()
  const { deployment: id } = useParams({ strict: false }) as { deployment: string }
  const deployment = useGet('GET /api/{space}/deployments/{id}', { id })
  return <Loaded of={deployment}>{(d) => <Navigate to="/$space/tasks/$task" params={{ space, task: d.TaskId }} replace />}</Loaded>
}
