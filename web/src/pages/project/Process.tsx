export function Process() { return null }
