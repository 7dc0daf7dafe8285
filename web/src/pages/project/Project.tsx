export function Project() { return null }
