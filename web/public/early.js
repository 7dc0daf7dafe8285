// Asks the server for what the first page will want while the page's code is still on its way; client.ts takes the answers.
// Who is not signed in has no such cookie, and is asked to first.
;(() => {
  const early = (window.early = {})
  const ask = (path) => {
    early[path] = fetch(path, { headers: { Accept: 'application/json' }, credentials: 'same-origin' })
    early[path].catch(() => {})
  }
  ask('/api')
  if (!document.cookie.includes('Octopus-Csrf-Token_')) return
  ask('/api/users/me')
  const [, space, rest] = /^\/app\/?([^/]*)\/?(.*)$/.exec(location.pathname) ?? []
  if (rest !== '' || location.hash) return
  const at = `/api/${space || encodeURIComponent(localStorage.getItem('mantle.space') ?? 'Spaces-1')}`
  ask(`${at}/dashboard/dynamic?firstProjects=20&firstEnvironments=12`)
  ask(`${at}/environments/all`)
  ask(`${at}/dashboardconfiguration`)
  for (const href of (document.currentScript.dataset.dashboard ?? '').split(' ').filter(Boolean)) {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href }))
  }
})()
