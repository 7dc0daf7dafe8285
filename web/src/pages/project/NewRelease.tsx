export function NewRelease() { return null }
