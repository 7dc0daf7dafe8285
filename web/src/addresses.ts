/** The portal's address for one that a client printed, "#/Spaces-1/projects/shop/deployments/releases/1.0.0". */
export function currentAddress(hash: string): string | undefined {
  if (!hash.startsWith('#/')) return undefined
  const [path = '', query = ''] = hash.slice(2).split('?')
  const parts = path.split('/').filter(Boolean)
  const [space, noun, id, part, ...rest] = parts
  const tail = query ? `?${query}` : ''
  if (noun === 'projects' && id && part === 'deployments') {
    if (rest[0] === 'releases' && rest[2] === 'deployments' && rest[3]) return `/app/${space}/deployments/${rest[3]}${tail}`
    if (rest[0] === 'releases' && rest[1]) return `/app/${space}/projects/${id}/releases/${rest[1]}${tail}`
    if (rest[0] === 'process') return `/app/${space}/projects/${id}/process${tail}`
    if (rest[0] === 'channels') return `/app/${space}/projects/${id}/channels${tail}`
    return `/app/${space}/projects/${id}${tail}`
  }
  if (noun === 'deployments' && id) return `/app/${space}/deployments/${id}${tail}`
  return `/app/${parts.join('/')}${tail}`
}
