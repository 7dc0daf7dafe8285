import { Autocomplete, Group, MultiSelect, NativeSelect, Skeleton, Stack, Switch, Text, TextInput, Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Suspense, lazy, useState } from 'react'
import { useGet } from '../../api/hooks'
import { packageType, scriptType, textOf } from './beginning'
import type { Action } from './beginning'
import { References } from './References'
import { fromSource, withProperties } from './steps'

const Editor = lazy(() => import('../../parts/Editor'))
const prop = (name: string) => `Octopus.Action.${name}`

/** What an action does, in the form of its type. */
export function ActionForm({ action, setAction }: { action: Action; setAction: (f: (a: Action) => Action) => void }) {
  const set = (values: Record<string, string>) => setAction((a) => withProperties(a, values))
  switch (action.ActionType) {
    case scriptType: return <Script action={action} set={set} setAction={setAction} />
    case packageType: return <PackageForm action={action} set={set} setAction={setAction} />
    default: return <Other action={action} set={set} />
  }
}

const syntaxes = ['Bash', 'PowerShell', 'Python', 'CSharp', 'FSharp']

function Script({ action, set, setAction }: { action: Action; set: (values: Record<string, string>) => void; setAction: (f: (a: Action) => Action) => void }) {
  const syntax = textOf(action.Properties[prop('Script.Syntax')]) || 'Bash'
  const packaged = textOf(action.Properties[prop('Script.ScriptSource')]) === 'Package'
  return (
    <Stack gap={6}>
      <Group align="flex-end">
        <NativeSelect
          label="The script"
          value={packaged ? 'Package' : 'Inline'}
          onChange={(e) => setAction((a) => fromSource(a, e.currentTarget.value))}
          data={[
            { value: 'Inline', label: 'stands here' },
            { value: 'Package', label: 'is a file of a package' },
          ]}
          w={190}
        />
        <NativeSelect label="Language" value={syntax} onChange={(e) => set({ [prop('Script.Syntax')]: e.currentTarget.value })} data={syntaxes} w={150} />
        <TextInput label="Parameters" value={textOf(action.Properties[prop('Script.ScriptParameters')])} onChange={(e) => set({ [prop('Script.ScriptParameters')]: e.currentTarget.value })} w={280} />
      </Group>
      {packaged ? (
        <>
          <PackageChoice action={action} setAction={setAction} />
          <TextInput label="File in the package" required value={textOf(action.Properties[prop('Script.ScriptFileName')])} onChange={(e) => set({ [prop('Script.ScriptFileName')]: e.currentTarget.value })} />
        </>
      ) : (
        <Suspense fallback={<Skeleton h={190} />}>
          <Editor label="Script" language={syntax} value={textOf(action.Properties[prop('Script.ScriptBody')])} change={(v) => set({ [prop('Script.ScriptBody')]: v })} />
        </Suspense>
      )}
      <References action={action} setAction={setAction} />
    </Stack>
  )
}

const features = [
  ['Octopus.Features.SubstituteInFiles', 'Put variables into text files'],
  ['Octopus.Features.JsonConfigurationVariables', 'Put variables into JSON, YAML and XML files'],
  ['Octopus.Features.ConfigurationTransforms', 'Apply configuration transforms'],
  ['Octopus.Features.ConfigurationVariables', 'Put variables into .NET configuration files'],
  ['Octopus.Features.CustomScripts', 'Run scripts before and after'],
  ['Octopus.Features.CustomDirectory', 'Install into a directory of its own'],
] as const

/** Which package of which feed. */
function PackageChoice({ action, setAction }: { action: Action; setAction: (f: (a: Action) => Action) => void }) {
  const feeds = useGet('GET /api/{space}/feeds/all')
  const main = action.Packages.find((p) => p.Name === '')
  const feed = main?.FeedId || 'feeds-builtin'
  const id = main?.PackageId ?? ''
  const [term] = useDebouncedValue(id, 200)
  const found = useGet('GET /api/{space}/feeds/{id}/packages/search', { id: feed, query: { term, take: 20 } }, { keep: true })
  const choose = (values: { FeedId?: string; PackageId?: string }) =>
    setAction((a) => {
      const next = withProperties(a, { [prop('Package.FeedId')]: values.FeedId ?? feed, [prop('Package.PackageId')]: values.PackageId ?? id })
      const whole = { Id: '', Name: '', AcquisitionLocation: 'Server', Properties: {}, Version: null, StepPackageInputsReferenceId: null, ...main, FeedId: values.FeedId ?? feed, PackageId: values.PackageId ?? id }
      return { ...next, Packages: [whole, ...a.Packages.filter((p) => p !== main)] }
    })
  return (
    <Group align="flex-start">
      <NativeSelect label="Feed" value={feed} onChange={(e) => choose({ FeedId: e.currentTarget.value })} data={(feeds.data ?? []).map((f) => ({ value: f.Id, label: f.Name }))} w={220} />
      <Autocomplete size="xs" label="Package" value={id} onChange={(v) => choose({ PackageId: v })} data={[...new Set((found.data?.Items ?? []).map((d) => d.Id))]} required w={320} error={id ? undefined : 'Name a package'} />
    </Group>
  )
}

const languages = [['sh', 'Bash'], ['ps1', 'PowerShell'], ['py', 'Python'], ['csx', 'CSharp'], ['fsx', 'FSharp']] as const
const phases = [['PreDeploy', 'Before'], ['Deploy', 'In place'], ['PostDeploy', 'After']] as const

/** Scripts around the unpacking of a package, in one language. */
function CustomScripts({ action, set }: { action: Action; set: (values: Record<string, string>) => void }) {
  const name = (phase: string, ending: string) => prop(`CustomScripts.${phase}.${ending}`)
  const there = languages.find(([ending]) => phases.some(([p]) => textOf(action.Properties[name(p, ending)])))
  const [chosen, choose] = useState<string>()
  const [ending, language] = languages.find(([e]) => e === chosen) ?? there ?? languages[0]
  return (
    <Stack gap={4}>
      <NativeSelect label="Language of the scripts" value={ending} onChange={(e) => choose(e.currentTarget.value)} data={languages.map(([value, label]) => ({ value, label }))} w={190} />
      {phases.map(([phase, word]) => (
        <Stack key={`${phase} ${ending}`} gap={2}>
          <Text size="xs" fw={500}>
            {word}
          </Text>
          <Suspense fallback={<Skeleton h={190} />}>
            <Editor label={`${phase} script`} language={language} value={textOf(action.Properties[name(phase, ending)])} change={(v) => set({ [name(phase, ending)]: v })} />
          </Suspense>
        </Stack>
      ))}
    </Stack>
  )
}

function PackageForm({ action, set, setAction }: { action: Action; set: (values: Record<string, string>) => void; setAction: (f: (a: Action) => Action) => void }) {
  const on = textOf(action.Properties[prop('EnabledFeatures')]).split(',').filter(Boolean)
  const field = (name: string) => ({ value: textOf(action.Properties[prop(name)]), onChange: (e: { currentTarget: { value: string } }) => set({ [prop(name)]: e.currentTarget.value }) })
  return (
    <Stack gap={6}>
      <PackageChoice action={action} setAction={setAction} />
      <Switch
        label="Leave a machine alone that has this version of the package already"
        checked={/^true$/i.test(textOf(action.Properties[prop('Package.SkipIfAlreadyInstalled')]))}
        onChange={(e) => set({ [prop('Package.SkipIfAlreadyInstalled')]: e.currentTarget.checked ? 'True' : '' })}
      />
      <MultiSelect label="Features" data={features.map(([value, label]) => ({ value, label }))} value={on.filter((f) => features.some(([v]) => v === f))} onChange={(v) => set({ [prop('EnabledFeatures')]: [...v, ...on.filter((f) => !features.some(([k]) => k === f))].join(',') })} />
      {on.includes('Octopus.Features.SubstituteInFiles') && <Textarea label="Text files" description="One pattern a line, for example *.config" autosize {...field('SubstituteInFiles.TargetFiles')} />}
      {on.includes('Octopus.Features.JsonConfigurationVariables') && <Textarea label="Structured files" description="One pattern a line, for example appsettings.json" autosize {...field('Package.JsonConfigurationVariablesTargets')} />}
      {on.includes('Octopus.Features.ConfigurationTransforms') && <Textarea label="Further transforms" description="One a line: transform.config => target.config" autosize {...field('Package.AdditionalXmlConfigurationTransforms')} />}
      {on.includes('Octopus.Features.CustomDirectory') && <TextInput label="Directory" {...field('Package.CustomInstallationDirectory')} />}
      {on.includes('Octopus.Features.CustomScripts') && <CustomScripts action={action} set={set} />}
    </Stack>
  )
}

/** A type that has no form yet: its settings as they stand. */
function Other({ action, set }: { action: Action; set: (values: Record<string, string>) => void }) {
  return (
    <Stack gap={6}>
      <Text size="sm" c="var(--warn)">
        This server does not carry out steps of the type {action.ActionType}. Its settings are kept.
      </Text>
      {Object.entries(action.Properties).map(([name, value]) => (
        <TextInput key={name} label={name} value={textOf(value)} onChange={(e) => set({ [name]: e.currentTarget.value })} />
      ))}
    </Stack>
  )
}
