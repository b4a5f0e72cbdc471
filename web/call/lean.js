// Leaves out of a build what the page never uses, but bundlers cannot know to be unused.

/** What is put in the place of a module, by the end of its id. */
const UNUSED = {
  // Vite preloads styles of chunks; the chunks here are languages, which have none.
  'vite/preload-helper.js': 'export const __vitePreload = (load) => load();',
  // Svelte's own way of making elements; ours is src/element.ts.
  'svelte/src/internal/client/dom/elements/custom-element.js': 'export const create_custom_element = () => {};',
};

export function lean() {
  return {
    name: 'lean',
    apply: 'build',
    enforce: 'pre',
    load(id) {
      const end = Object.keys(UNUSED).find((name) => id.endsWith(name));
      return end && UNUSED[end];
    },
  };
}
