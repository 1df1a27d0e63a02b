/** What has to read a machine's network configuration after it was edited. */
export type Reader = 'netplan' | 'networkd' | 'NetworkManager'

/**
 * None of these takes a link down. `netplan generate` writes files under /run, which networkd or NetworkManager then reads;
 * `reload` of networkctl came with systemd 244; NetworkManager goes by a profile as it was until its next activation, and
 * leaves alone what `ip addr` does meanwhile.
 */
const commands: Readonly<Record<Reader, string>> = {
  netplan: 'netplan generate',
  networkd: 'networkctl reload || systemctl try-restart systemd-networkd.service',
  NetworkManager: 'nmcli connection reload',
}

const order: readonly Reader[] = ['netplan', 'networkd', 'NetworkManager']

/** Lines of a shell script: each reader once, and netplan before those that read what it makes. */
export const readLines = (readers: readonly Reader[]): readonly string[] =>
  order.filter((reader) => readers.includes(reader)).map((reader) => commands[reader])
