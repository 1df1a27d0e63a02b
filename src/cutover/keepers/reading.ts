/** What must read a machine's network configuration after an edit. */
export type Reader = 'netplan' | 'networkd' | 'NetworkManager'

/**
 * None of these takes a link down. `netplan generate` writes files to /run, which networkd or NetworkManager then
 * reads; `networkctl reload` came with systemd 244; NetworkManager keeps using the old profile until its next
 * activation, and ignores what `ip addr` does meanwhile.
 */
const commands: Readonly<Record<Reader, string>> = {
  netplan: 'netplan generate',
  networkd: 'networkctl reload || systemctl try-restart systemd-networkd.service',
  NetworkManager: 'nmcli connection reload',
}

const order: readonly Reader[] = ['netplan', 'networkd', 'NetworkManager']

/** Lines of a shell script: each reader once, netplan before those that read its output. */
export const readLines = (readers: readonly Reader[]): readonly string[] =>
  order.filter((reader) => readers.includes(reader)).map((reader) => commands[reader])
