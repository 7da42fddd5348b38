/** Largest size of each part of a static manifest. Texts are counted in characters. */
export const STATIC_LIMITS = {
  prompts: 200,
  resources: 500,
  resourceTemplates: 100,
  arguments: 20,
  messages: 50,
  suggestions: 100,
  name: 128,
  title: 200,
  description: 4_000,
  uri: 2_048,
  instructions: 16_000,
  messageText: 100_000,
  resourceText: 1_000_000,
  /** Result of one prompt or resource, after arguments are filled in. */
  result: 1_000_000,
  manifest: 4_000_000,
} as const
