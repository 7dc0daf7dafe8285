export function Release() { return null }
