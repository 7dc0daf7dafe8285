import { ScrollArea, Text, TextInput, UnstyledButton } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useGet } from '../api/hooks'
import { Dialog } from '../parts/Dialog'
import { Failure } from '../parts/Page'
import { useSpaceId } from '../session/space'
import { addressOf, pagesNamed } from './found'
import { places } from './keys'
import { sections } from './sections'

const everyPage = [...places.filter((p) => !(p.name.toLowerCase() in sections)).map((p) => [p.to, p.name] as const), ...Object.values(sections).flat()]

/** Search over everything that has a name in the space. Arrow keys choose, Enter goes. */
export function Search({ close }: { close: () => void }) {
  const space = useSpaceId()
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [keyword] = useDebouncedValue(text.trim(), 120)
  const [chosen, setChosen] = useState(0)
  const found = useGet('GET /api/spaces/{id}/search', { id: space, query: { keyword } }, { enabled: keyword.length > 0, keep: true })
  const pages = pagesNamed(space, keyword, everyPage)
  const list = keyword ? [...(found.data ?? []), ...pages] : []
  const go = (i: number) => {
    const item = list[i]
    if (!item) return
    close()
    void navigate({ href: `/app${'at' in item ? item.at : addressOf(space, item)}` } as never)
  }
  return (
    <Dialog close={close} withCloseButton={false} padding={0} size="lg" yOffset="10vh" attributes={{ content: { 'aria-label': 'Search' } }}>
      <TextInput
        size="md"
        placeholder="Projects, machines, environments, feeds, variable sets …"
        aria-label="Search for"
        leftSection={<IconSearch size={18} />}
        value={text}
        onChange={(e) => {
          setText(e.currentTarget.value)
          setChosen(0)
        }}
        onKeyDown={(e) => {
          if (e.key === 'ArrowDown') setChosen((n) => Math.min(n + 1, list.length - 1))
          else if (e.key === 'ArrowUp') setChosen((n) => Math.max(n - 1, 0))
          else if (e.key === 'Enter') go(chosen)
          else return
          e.preventDefault()
        }}
        variant="unstyled"
        px="xs"
        data-autofocus
      />
      <Failure error={found.error} />
      <ScrollArea.Autosize mah={420}>
        {list.map((item, i) => (
          <UnstyledButton key={item.Id} onClick={() => go(i)} onMouseMove={() => setChosen(i)} px="md" py={6} w="100%" style={{ display: 'flex', justifyContent: 'space-between', background: i === chosen ? 'var(--run-bg)' : undefined }}>
            <span>{item.Name}</span>
            <Text size="xs" c="dimmed">
              {item.Type}
            </Text>
          </UnstyledButton>
        ))}
        {keyword && found.data && list.length === 0 && (
          <Text p="md" c="dimmed" size="sm">
            Nothing in this space is called like “{keyword}”.
          </Text>
        )}
      </ScrollArea.Autosize>
    </Dialog>
  )
}
