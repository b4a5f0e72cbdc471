// Components carry no styles of their own: a shadow root adopts one sheet, which a strict policy allows.
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default { preprocess: vitePreprocess(), compilerOptions: { runes: true } };
