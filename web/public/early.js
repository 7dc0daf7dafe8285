// Begins to load the page that the address names, and asks the server for what it will show, while the portal's code is still on its way.
// The build tells which files each page is in (vite.config.ts); src/api/early.ts takes the answers. Who is not signed in has no such cookie, and
// is asked to first.
;(() => {
  const early = (window.early = {})
  const ask = (path) => (early[path] ??= fetch(path, { headers: { Accept: 'application/json' }, credentials: 'same-origin' }))

  // What the pages read first, below /api/SPACE/ unless it begins with a slash, as they say it themselves: the keys of the answers are these
  // paths. A page that is not here asks when its code is there.
  const project = ['projects/$project']
  const reads = {
    '': ['dashboard/dynamic?firstProjects=20&firstEnvironments=12', 'environments/all', 'dashboardconfiguration', 'tasks?active=true&take=30'],
    projects: ['projects/all', 'projectgroups/all'],
    'projects/$project': [...project, 'projects/$Id/progression?releaseHistoryCount=30', 'projects/pulse?projectIds=$Id', 'environments/all'],
    'projects/$project/process': [...project, 'projects/$Id/deploymentprocesses'],
    'projects/$project/variables': project,
    'projects/$project/releases': [...project, 'projects/$Id/releases?skip=0&take=30', 'projects/$Id/channels?take=1000'],
    'projects/$project/channels': project,
    'projects/$project/settings': project,
    tasks: ['tasks?skip=0&take=50', 'tasks/taskTypes', 'environments/all', 'projects/pulse', '/api/tasks/queue', '/api/octopusservernodes/all'],
    'tasks/$task': ['/api/tasks/$task'],
    infrastructure: ['environments/summary'],
    'infrastructure/machines': ['machines?skip=0&take=50', 'environments/all', 'machineroles/all'],
    library: ['feeds/feeds-builtin/packages/search?take=200'],
    configuration: ['/api/octopusservernodes/summary', '/api/maintenanceconfiguration'],
    'configuration/audit': ['/api/events?includeSystem=true&excludeDifference=false&skip=0&take=30', '/api/users/all', '/api/events/categories', '/api/events/documenttypes'],
  }

  ask('/api').catch(() => {})
  if (!document.cookie.includes('Octopus-Csrf-Token_')) return
  ask('/api/users/me').catch(() => {})
  if (location.hash) return
  // What changes from now on: no change is missed between an early answer and the page.
  const events = []
  const keep = (e) => events.push(e)
  const source = new EventSource('/api/events/stream')
  for (const kind of ['change', 'task']) source.addEventListener(kind, keep)
  const stream = (window.earlyStream = { source, events, keep, lost: false })
  source.onerror = () => (stream.lost = true)

  const { files = [], pages = {} } = JSON.parse(document.currentScript.dataset.pages ?? '{}')
  const [, space = localStorage.getItem('mantle.space') ?? 'Spaces-1', ...rest] = location.pathname.replace(/\/+$/, '').split('/').slice(1)

  // The pattern of this address; one of words before one with parameters.
  const fits = (pattern) => {
    const parts = pattern === '' ? [] : pattern.split('/')
    return parts.length === rest.length && parts.every((p, i) => p.startsWith('$') || p === rest[i])
  }
  const pattern = [...Object.keys(pages), ...Object.keys(reads)].filter(fits).sort((a, b) => a.split('$').length - b.split('$').length)[0]
  if (pattern === undefined) return
  for (const n of pages[pattern] ?? []) document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href: `/app/${files[n]}` }))

  const given = Object.fromEntries(pattern.split('/').flatMap((p, i) => (p.startsWith('$') ? [[p, rest[i]]] : [])))
  const filled = (path, values) => (path.startsWith('/') ? path : `/api/${space}/${path}`).replace(/\$\w+/g, (name) => values[name] ?? name)
  ask('/api/spaces/all').catch(() => {})
  // Some filters make another first read.
  const all = (reads[pattern] ?? []).filter((path) => location.search === '' || !path.includes('take='))
  for (const path of all.filter((p) => !p.includes('$Id'))) ask(filled(path, given)).catch(() => {})
  // What is read by the ID of what the address names by another name: as soon as that is known, unless the page was here sooner.
  const later = all.filter((p) => p.includes('$Id'))
  const first = filled(all[0] ?? '', given)
  if (later.length > 0)
    early[first]
      .then((answer) => (answer.ok ? answer.clone().json() : Promise.reject(new Error('not here'))))
      .then((thing) => first in early && later.forEach((path) => ask(filled(path, { ...given, $Id: thing.Id })).catch(() => {})))
      .catch(() => {})
})()
