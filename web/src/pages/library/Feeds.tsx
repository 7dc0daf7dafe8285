export function Feeds() { return null }
