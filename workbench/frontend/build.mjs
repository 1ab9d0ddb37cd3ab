// Builds workbench/frontend/dist/canvas.bundle.js and .css, which ship with the package, and
// gathers the licences of everything bundled.  Run `npm ci && npm run build` in this folder.  The hash
// of the sources goes beside the bundle, so that a test can tell when it was not built again.
import * as esbuild from "esbuild"
import {createHash} from "node:crypto"
import {existsSync, readFileSync, readdirSync, writeFileSync} from "node:fs"
import {dirname, join} from "node:path"
import {fileURLToPath} from "node:url"

const here = dirname(fileURLToPath(import.meta.url))
const watch = process.argv.includes("--watch")

const options = {
  absWorkingDir: here,
  entryPoints: {"canvas.bundle": "canvas/index.jsx"},
  outdir: "dist",
  bundle: true,
  format: "esm",
  jsx: "automatic",
  target: ["es2021", "chrome109", "firefox115", "safari16"],
  define: {"process.env.NODE_ENV": '"production"'},
  minify: true,
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  logLevel: "info",
}

/** Names of the npm packages whose files are in the bundle, in alphabetical order. */
function packagesIn(metafile) {
  const names = Object.keys(metafile.inputs)
    .filter(path => path.includes("node_modules/"))
    .map(path => path.split("node_modules/").pop().split("/"))
    .map(parts => (parts[0].startsWith("@") ? parts.slice(0, 2).join("/") : parts[0]))
  return [...new Set(names)].sort()
}

function licenceOf(name) {
  const folder = join(here, "node_modules", ...name.split("/"))
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry))
  const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : ""
  return `${name} ${about.version} (${about.license})\n\n${text.trim()}\n`
}

/** SHA-256 over package.json and the sources, each as its name and its content. */
function sourcesHash() {
  const names = readdirSync(join(here, "canvas")).sort().map(name => `canvas/${name}`)
  const hash = createHash("sha256")
  for (const name of [...names, "package.json"]) {
    hash.update(`${name}\n`).update(readFileSync(join(here, name)))
  }
  return hash.digest("hex")
}

if (watch) {
  const context = await esbuild.context(options)
  await context.watch()
} else {
  const result = await esbuild.build(options)
  const parts = packagesIn(result.metafile).map(licenceOf)
  const licences = ["canvas.bundle.js contains these packages.\n", ...parts]
  const between = `\n${"-".repeat(78)}\n\n`
  writeFileSync(join(here, "dist", "canvas.LICENSES.txt"), licences.join(between))
  writeFileSync(join(here, "dist", "canvas.sources.sha256"), `${sourcesHash()}\n`)
}
