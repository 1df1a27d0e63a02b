import { install } from './machines.ts'

/** Once before the test files run in parallel: two of them must not install the same packages at the same time. */
export default (): void =>
  install({
    '/usr/sbin/sshd': 'openssh-server',
    '/usr/sbin/mariadbd': 'mariadb-server',
    '/usr/sbin/nft': 'nftables',
    '/usr/sbin/iptables': 'iptables',
    '/usr/bin/dbus-daemon': 'dbus',
    '/usr/sbin/ifup': 'ifupdown',
    '/usr/sbin/keepalived': 'keepalived',
    '/usr/sbin/netplan': 'netplan.io',
    '/usr/bin/nmcli': 'network-manager',
    '/usr/bin/shellcheck': 'shellcheck',
    '/usr/bin/pyflakes3': 'pyflakes3',
    '/usr/bin/gawk': 'gawk',
  })
