/** Addresses that only who made what they show can know. */
export interface Addresses {
  /** Of an app on this computer that asks for everything at a server of few tools. */
  consent: string
  /** At a server of many tools, where the boxes are folded away. */
  consentOfMany: string
  /** Of an app that was let in before and asks for the same again. */
  consentAgain: string
  /** Where the app names no server, and the person chooses it. */
  rootChoice: string
  /** Of a device, with the code in it. */
  device: string
  invitation: string
  /** From a client that nobody knows. */
  unknownClient: string
}
