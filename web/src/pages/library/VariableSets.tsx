export function VariableSets() { return null }
export function VariableSet() { return null }
