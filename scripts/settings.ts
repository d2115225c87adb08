import { writeFileSync } from 'node:fs'
import { environmentExample, settingsPage } from '../src/config-text.ts'

// Writes what is made from src/config.ts: run it after changing a setting.
writeFileSync('.env.example', environmentExample())
writeFileSync('docs/settings.md', settingsPage())
