import { Badge, Button, Group, Stack, TextInput } from '@mantine/core'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'

type TagSet = Schemas['TagSet']
type Tag = Schemas['Tag']

/** Words by which tenants are told apart: steps, variables and machines name them. */
export function TagSets() {
  return (
    <Crud<TagSet>
      noun="tagsets"
      title="Tag sets"
      note="Words by which tenants are told apart. Steps, variables and machines may be for tenants with certain tags only."
      one="tag set"
      empty="Region with West and East, Plan with Small and Large: whatever many tenants have in common."
      size="lg"
      columns={[
        ['Name', (s) => s.Name],
        [
          'Tags',
          (s) => (
            <Group gap={4}>
              {s.Tags.map((t) => (
                <Badge key={t.Id} color="gray" c="inherit">
                  {t.Name}
                </Badge>
              ))}
            </Group>
          ),
        ],
        ['Description', (s) => s.Description],
      ]}
      fresh={() => ({ Name: '', Description: '', Tags: [] })}
      form={(s, set) => {
        const tags = s.Tags ?? []
        const change = (i: number, part: Partial<Tag>) => set({ Tags: tags.map((t, n) => (n === i ? { ...t, ...part } : t)) })
        return (
          <>
            <TextInput label="Name" value={s.Name ?? ''} onChange={(e) => set({ Name: e.currentTarget.value })} required data-autofocus />
            <TextInput label="Description" value={s.Description ?? ''} onChange={(e) => set({ Description: e.currentTarget.value })} />
            <Stack gap={6}>
              {tags.map((t, i) => (
                <Group key={t.Id || i} align="flex-end" wrap="nowrap">
                  <TextInput label="Tag" value={t.Name} onChange={(e) => change(i, { Name: e.currentTarget.value })} required style={{ flex: 1 }} />
                  <TextInput label="Colour" type="color" value={t.Color || '#333333'} onChange={(e) => change(i, { Color: e.currentTarget.value })} w={90} />
                  <Button variant="default" aria-label={`Remove ${t.Name}`} onClick={() => set({ Tags: tags.filter((_, n) => n !== i) })}>
                    Remove
                  </Button>
                </Group>
              ))}
              <Group>
                <Button variant="default" onClick={() => set({ Tags: [...tags, { Id: '', Name: '', Color: '#333333', Description: '', CanonicalTagName: '', SortOrder: tags.length }] })}>
                  Add a tag
                </Button>
              </Group>
            </Stack>
          </>
        )
      }}
    />
  )
}
