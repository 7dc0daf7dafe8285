export function Pools() { return null }
