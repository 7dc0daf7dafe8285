export function Packages() { return null }
