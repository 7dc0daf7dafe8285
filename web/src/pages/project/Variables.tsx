export function ProjectVariables() { return null }
