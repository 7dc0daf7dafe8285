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

/** Tells public/early.js which files the dashboard's page is in. */
function dashboardFiles(): Plugin {
  return {
    name: 'dashboard-files',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((f) => f.type === 'chunk')
        const page = chunks.find((c) => c.facadeModuleId?.endsWith('/pages/dashboard/Dashboard.tsx'))
        if (!page) {
          if (bundle) this.error("the dashboard's page has no file of its own")
          return html
        }
        const files = [page.fileName, ...page.imports.filter((name) => !html.includes(name))]
        return html.replace(/(<script src="[^"]*early\.js")/, `$1 data-dashboard="${files.map((f) => `/app/${f}`).join(' ')}"`)
      },
    },
  }
}

export default defineConfig({
  base: '/app/',
  plugins: [react(), firstLoad(), dashboardFiles()],
  build: { outDir: '../internal/portal/dist', emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 700, reportCompressedSize: false, license: { fileName: 'licenses.md' } },
  preview: { port: 18090 },
  server: { proxy: { '/api': process.env['MANTLE_URL'] ?? 'http://localhost:8080' } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
