// What a new step is, and the processes that a new project may begin with.
import type { Schemas } from '../../api/schema'

export type Step = Schemas['Step']
export type Action = Schemas['Action']
export type Property = Schemas['Property']

export const scriptType = 'Octopus.Script'
export const packageType = 'Octopus.TentaclePackage'
export const roles = 'Octopus.Action.TargetRoles'

/** The types of steps that can be added, with the words that the list is searched by. */
export const kinds = [
  { type: scriptType, name: 'Run a script', about: 'A script in Bash, PowerShell, Python, C# or F#: on machines of a role, or on the server or a worker.', words: 'bash shell powershell python command inline' },
  { type: packageType, name: 'Deploy a package', about: 'Brings a package to each machine of a role, unpacks it, puts variables into its files and runs its scripts.', words: 'zip nuget tar application web files copy' },
] as const

const example = ['echo "Deploying to #{Octopus.Environment.Name}"', ''].join('\n')

const none = { Id: '', Slug: '', IsDisabled: false, IsRequired: false, Notes: null, Channels: [], Environments: [], ExcludedEnvironments: [], TenantTags: [], Condition: 'Success' }

/** A new action of a type. A script runs on machines where its step has roles. */
export function newAction(type: string, name: string, onServer = false): Partial<Action> {
  const packaged = type === packageType
  const properties: Record<string, string> = packaged
    ? { 'Octopus.Action.Package.FeedId': 'feeds-builtin', 'Octopus.Action.Package.PackageId': '' }
    : { 'Octopus.Action.Script.ScriptSource': 'Inline', 'Octopus.Action.Script.Syntax': 'Bash', 'Octopus.Action.Script.ScriptBody': example, 'Octopus.Action.RunOnServer': String(onServer) }
  return {
    ...none, Name: name, ActionType: type, Properties: properties,
    Packages: packaged ? [{ Id: '', Name: '', PackageId: '', FeedId: 'feeds-builtin', AcquisitionLocation: 'Server', Properties: {}, Version: null, StepPackageInputsReferenceId: null }] : [],
  }
}

/** A new step of a type; its name is not one of those taken. */
export function newStep(type: string, name: string, role = ''): Partial<Step> {
  return {
    Id: '', Slug: '', Name: name, Condition: 'Success', StartTrigger: 'StartAfterPrevious', PackageRequirement: 'LetOctopusDecide',
    Properties: role || type === packageType ? { [roles]: role } : {}, Actions: [newAction(type, name, !role) as Action],
  }
}

export const beginnings: { id: string; name: string; steps: Partial<Step>[] }[] = [
  { id: 'script', name: 'A script that runs on the server', steps: [newStep(scriptType, 'Say hello')] },
  { id: 'machines', name: 'A script that runs on machines with the role web', steps: [newStep(scriptType, 'Say hello', 'web')] },
  { id: 'empty', name: 'Nothing: an empty process', steps: [] },
]

/** A name like the one that is wanted, which none of the others has. */
export function freeName(wanted: string, taken: string[]): string {
  if (!taken.includes(wanted)) return wanted
  for (let n = 2; ; n++) if (!taken.includes(`${wanted} ${n}`)) return `${wanted} ${n}`
}

export const textOf = (p: Property | undefined): string => (typeof p === 'string' ? p : '')
