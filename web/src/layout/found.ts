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
    case 'workerpools': return `${at}/infrastructure/pools`
    case 'machinepolicies': return `${at}/infrastructure/policies`
    case 'lifecycles': return `${at}/library/lifecycles`
    case 'feeds': return `${at}/library/feeds`
    case 'libraryvariablesets': return `${at}/library/variables/${item.Id}`
    default:
      if (/account/i.test(item.Type)) return `${at}/infrastructure/accounts`
      return `${at}/projects?q=${encodeURIComponent(item.Name)}`
  }
}
