import { NativeSelect, Text, TextInput } from '@mantine/core'
import { call } from '../../api/client'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'
import { useSpaceId } from '../../session/space'

type Policy = Schemas['Policy']

export function Policies() {
  const space = useSpaceId()
  return (
    <Crud<Policy>
      noun="machinepolicies"
      title="Machine policies"
      note="How often machines are checked, and what their state means."
      one="machine policy"
      columns={[
        ['Name', (p) => <>{p.Name} {p.IsDefault && <Text span size="xs" c="dimmed">default</Text>}</>],
        ['Checked every', (p) => p.MachineHealthCheckPolicy.HealthCheckInterval ?? 'by a schedule'],
        ['Description', (p) => p.Description],
      ]}
      fresh={async () => ({ ...(await call('GET /api/{space}/machinepolicies/template', { space })), Id: '', Name: '', IsDefault: false })}
      keep={(p) => p.IsDefault}
      form={(p, set) => (
        <>
          <TextInput label="Name" value={p.Name ?? ''} onChange={(e) => set({ Name: e.currentTarget.value })} required data-autofocus />
          <TextInput label="Description" value={p.Description ?? ''} onChange={(e) => set({ Description: e.currentTarget.value })} />
          {p.MachineHealthCheckPolicy && (
            <>
              <TextInput label="Check every" description="Hours, minutes, seconds: 01:00:00" value={p.MachineHealthCheckPolicy.HealthCheckInterval ?? ''} onChange={(e) => set({ MachineHealthCheckPolicy: { ...p.MachineHealthCheckPolicy!, HealthCheckInterval: e.currentTarget.value } })} />
              <NativeSelect label="A check" value={p.MachineHealthCheckPolicy.HealthCheckType} onChange={(e) => set({ MachineHealthCheckPolicy: { ...p.MachineHealthCheckPolicy!, HealthCheckType: e.currentTarget.value } })} data={[{ value: 'RunScript', label: 'runs a script on the machine' }, { value: 'OnlyConnectivity', label: 'only connects' }]} />
            </>
          )}
          {p.MachineConnectivityPolicy && (
            <NativeSelect label="A machine that cannot be reached" value={p.MachineConnectivityPolicy.MachineConnectivityBehavior} onChange={(e) => set({ MachineConnectivityPolicy: { ...p.MachineConnectivityPolicy!, MachineConnectivityBehavior: e.currentTarget.value } })} data={[{ value: 'ExpectedToBeOnline', label: 'fails its check' }, { value: 'MayBeOfflineAndCanBeSkipped', label: 'may be away, and is skipped' }]} />
          )}
        </>
      )}
    />
  )
}
