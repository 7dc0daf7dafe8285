import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

// The most that a browser loads before the first page shows, gzipped. A build above it fails.
const firstLoadLimit = 300_000

/** Prints what the first load weighs: the entry, everything that it imports statically, and the styles. */
function firstLoad(): Plugin {
  return {
    name: 'first-load',
    generateBundle(_, bundle) {
      const wanted = new Set<string>()
      const visit = (name: string) => {
        const chunk = bundle[name]
        if (wanted.has(name) || chunk?.type !== 'chunk') return
        wanted.add(name)
        for (const next of chunk.imports) visit(next)
        for (const css of chunk.viteMetadata?.importedCss ?? []) wanted.add(css)
      }
      for (const file of Object.values(bundle)) if (file.type === 'chunk' && file.isEntry) visit(file.fileName)
      let size = 0
      for (const name of wanted) {
        const file = bundle[name]
        if (file) size += gzipSync(file.type === 'chunk' ? file.code : file.source).length
      }
      this.info(`first load: ${(size / 1000).toFixed(1)} kB gzipped (limit ${firstLoadLimit / 1000} kB)`)
      console.log(`first load: ${(size / 1000).toFixed(1)} kB gzipped (limit ${firstLoadLimit / 1000} kB)`)
      if (size > firstLoadLimit) this.error(`the first load is too large: ${size} bytes gzipped, ${firstLoadLimit} at most`)
    },
  }
}

/** The sources of each page by its pattern below $space, parents first, as src/router.tsx has them. */
function pageSources(): Map<string, string[]> {
  const text = readFileSync(new URL('src/router.tsx', import.meta.url), 'utf8')
  const shared = new Map([...text.matchAll(/const (\w+) = \{ getParentRoute: \(\) => (\w+) \} as const/g)].map((m) => [m[1], m[2]]))
  const routes = [...text.matchAll(/(?:const (\w+) = )?createRoute\(\{ (?:\.\.\.(\w+)|getParentRoute: \(\) => (\w+)), path: '([^']*)'(?:.*?import\('\.\/([^']+)'\))?/g)].map((m) => ({
    name: m[1], parent: m[3] ?? shared.get(m[2]), path: m[4]!, source: m[5],
  }))
  const upTo = (route: (typeof routes)[number]): typeof routes => {
    const parent = routes.find((r) => r.name !== undefined && r.name === route.parent)
    return [...(parent ? upTo(parent) : []), route]
  }
  const found = new Map<string, string[]>()
  for (const route of routes) {
    const way = upTo(route)
    const path = way.flatMap((r) => r.path.split('/')).filter((p) => p && p !== '$space').join('/')
    const sources = way.flatMap((r) => r.source ?? [])
    if (route.source && sources.length >= (found.get(path)?.length ?? 0)) found.set(path, sources)
  }
  const all = text.match(/lazyRouteComponent\(\(\)/g)?.length
  if (routes.filter((r) => r.source).length !== all) throw new Error(`src/router.tsx loads ${all} pages, and not all of them are understood here`)
  return found
}

// What a page loads by itself, and always.
const besides: Record<string, string[]> = { 'projects/$project/process': ['parts/Editor'] }

/** Tells public/early.js which files each page is in, but for those that every page loads. */
function pageFiles(): Plugin {
  return {
    name: 'page-files',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        if (!bundle) return html
        const chunks = Object.values(bundle).filter((f) => f.type === 'chunk')
        const files: string[] = []
        const pages: Record<string, number[]> = {}
        for (const [path, sources] of pageSources()) {
          const wanted = new Set<string>()
          const visit = (name: string) => {
            const chunk = chunks.find((c) => c.fileName === name)
            if (!chunk || wanted.has(name) || html.includes(name)) return
            wanted.add(name)
            chunk.imports.forEach(visit)
          }
          for (const source of [...sources, ...(besides[path] ?? [])]) {
            const chunk = chunks.find((c) => c.moduleIds.some((id) => id.endsWith(`/src/${source}.tsx`)))
            if (!chunk) this.error(`no file has ${source}`)
            visit(chunk.fileName)
          }
          for (const name of wanted) if (!files.includes(name)) files.push(name)
          pages[path] = [...wanted].map((name) => files.indexOf(name))
        }
        return html.replace(/(<script src="[^"]*early\.js")/, `$1 data-pages='${JSON.stringify({ files, pages })}'`)
      },
    },
  }
}

export default defineConfig({
  base: '/app/',
  plugins: [react(), firstLoad(), pageFiles()],
  build: { outDir: '../internal/portal/dist', emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 700, reportCompressedSize: false, license: { fileName: 'licenses.md' } },
  preview: { port: 18090 },
  server: { proxy: { '/api': process.env['MANTLE_URL'] ?? 'http://localhost:8080' } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
