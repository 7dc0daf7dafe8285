/** The address of the page that shows what a search found. */
export function addressOf(space: string, item: { Id: string; Type: string; Name: string }): string {
  const noun = item.Id.replace(/-.*$/, '').toLowerCase()
  const at = `/${space}`
  switch (noun) {
    case 'projects': return `${at}/projects/${item.Id}`
    case 'projectgroups': return `${at}?group=${item.Id}`
    case 'environments': return `${at}/infrastructure/machines?environment=${item.Id}`
    case 'machines': return `${at}/infrastructure/machines/${item.Id}`
    case 'workers': return `${at}/infrastructure/workers/${item.Id}`
    case 'workerpools': return `${at}/infrastructure/pools?edit=${item.Id}`
    case 'machinepolicies': return `${at}/infrastructure/policies?edit=${item.Id}`
    case 'lifecycles': return `${at}/library/lifecycles?edit=${item.Id}`
    case 'feeds': return `${at}/library/feeds?edit=${item.Id}`
    case 'libraryvariablesets': return `${at}/library/variables/${item.Id}`
    case 'tenants': return `${at}/library/tenants/${item.Id}`
    case 'tagsets': return `${at}/library/tags?edit=${item.Id}`
    case 'proxies': return `${at}/infrastructure/proxies?edit=${item.Id}`
    default:
      if (/account/i.test(item.Type)) return `${at}/infrastructure/accounts?edit=${item.Id}`
      return `${at}/projects?q=${encodeURIComponent(item.Name)}`
  }
}

/** The pages whose names hold a word. */
export function pagesNamed(space: string, word: string, pages: readonly (readonly [to: string, name: string])[]): { Id: string; Name: string; Type: string; at: string }[] {
  const wanted = word.trim().toLowerCase()
  return wanted === '' ? [] : pages.filter(([, name]) => name.toLowerCase().includes(wanted)).map(([to, name]) => ({ Id: to, Name: name, Type: 'Page', at: to.replace('$space', space).replace(/^\/?/, '/') }))
}
