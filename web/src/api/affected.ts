// Which reads a change makes stale. The keys are the nouns in the documents' IDs (Projects-1, deploymentprocess-Projects-1)
// and types; the values are words in the paths of reads.
const also: Record<string, string[]> = {
  projects: ['dashboard', 'search', 'tenants'],
  projectgroups: ['dashboard'],
  environments: ['dashboard', 'progression', 'lifecycles', 'variables', 'preview'],
  machines: ['environments', 'machineroles', 'workers', 'workerpools', 'preview', 'variables', 'deploymentprocesses', 'connection'],
  workers: ['workerpools', 'machines', 'connection'],
  workerpools: ['workers'],
  lifecycles: ['progression', 'dashboard'],
  deploymentprocess: ['deploymentprocesses', 'pulse', 'progression', 'preview', 'scopevalues'],
  deploymentprocesses: ['pulse', 'preview'],
  variableset: ['variables', 'template'],
  variablesets: ['variables', 'template'],
  releases: ['progression', 'dashboard'],
  deployments: ['dashboard', 'progression', 'tasks', 'releases', 'template'],
  servertasks: ['tasks', 'dashboard', 'progression', 'artifacts'],
  packages: ['feeds', 'template'],
  feeds: ['packages', 'template'],
  octopusservernodes: ['octopusservernodes', 'serverstatus'],
  maintenance: ['maintenanceconfiguration', 'serverstatus'],
  artifacts: [],
  spaces: ['spaces'],
  users: ['users', 'apikeys'],
  apikeys: ['apikeys'],
  channels: ['progression', 'template'],
  libraryvariablesets: ['variables', 'tenants'],
  dashboardconfiguration: ['dashboardconfiguration'],
  teams: ['teams', 'scopeduserroles'],
  scopeduserroles: ['teams'],
  tenants: ['tenants', 'template', 'preview', 'dashboard'],
  tenantvalues: ['tenants', 'template', 'preview'],
  tagsets: ['tagsets', 'tenants'],
  masterkeys: ['master-key'],
}

/** The words of paths that a change of this document makes stale. */
export function affected(documentId: string, type = ''): string[] {
  const words = new Set<string>(['events'])
  for (const noun of [documentId.replace(/-.*$/, '').toLowerCase(), type.toLowerCase()]) {
    if (!noun) continue
    words.add(noun)
    for (const w of also[noun] ?? []) words.add(w)
  }
  return [...words]
}

/** Whether a read of this path is among them: a word stands between slashes, or ends at the query. */
export function isAffected(path: string, words: Iterable<string>): boolean {
  const segments = path.toLowerCase().replace(/\?.*$/, '').split('/')
  for (const w of words) if (segments.includes(w)) return true
  return false
}
