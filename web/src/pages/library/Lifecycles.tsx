export function Lifecycles() { return null }
