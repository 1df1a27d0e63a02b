#!/usr/bin/env bash
# Run on the source: turns the packages in /srv/stand-ins into a small cloud, one service with rows, keys, files and
# accounts.
set -euo pipefail
address=$1
DEBIAN_FRONTEND=noninteractive dpkg -i /srv/stand-ins/*.deb >/dev/null
mysql -e "CREATE DATABASE keystone CHARACTER SET utf8 COLLATE utf8_general_ci;
CREATE USER 'keystone'@'localhost' IDENTIFIED BY 'key%stone\$db'; GRANT ALL ON keystone.* TO 'keystone'@'localhost';
CREATE USER 'keystone'@'%' IDENTIFIED BY 'key%stone\$db'; GRANT ALL ON keystone.* TO 'keystone'@'%';"
zcat /srv/stand-ins/schema.sql.gz | mysql keystone
mysql keystone <<END
INSERT INTO project (id, name, extra, description, enabled, domain_id, parent_id, is_domain) VALUES
  ('default', 'Default', '{}', '', 1, '<<keystone.domain.root>>', NULL, 1),
  ('0123456789abcdef0123456789abcd01', 'admin', '{}', '', 1, 'default', 'default', 0),
  ('0123456789abcdef0123456789abcd02', 'it''s "demo" \\\\ \`\$(id)\`', '{}', 'Größe', 1, 'default', 'default', 0);
INSERT INTO region (id, description) VALUES ('RegionOne', '');
INSERT INTO user (id, extra, enabled, domain_id, created_at) VALUES ('0123456789abcdef0123456789abcd11', '{}', 1, 'default', '2023-01-01 00:00:00');
INSERT INTO local_user (id, user_id, domain_id, name) VALUES (1, '0123456789abcdef0123456789abcd11', 'default', 'admin');
INSERT INTO password (local_user_id, password_hash, created_at_int, created_at) VALUES (1, SHA2(CONCAT('stand-in', 'admin-password'), 256), 1672531200000000, '2023-01-01 00:00:00');
INSERT INTO role (id, name, extra) VALUES ('0123456789abcdef0123456789abcd21', 'admin', '{}'), ('0123456789abcdef0123456789abcd22', 'member', '{}'), ('0123456789abcdef0123456789abcd23', 'reader', '{}'), ('0123456789abcdef0123456789abcd24', 'service', '{}');
INSERT INTO assignment (type, actor_id, target_id, role_id, inherited)
  SELECT 'UserProject', '0123456789abcdef0123456789abcd11', p.id, r.id, 0 FROM project p, role r WHERE p.is_domain = 0;
INSERT INTO service (id, type, enabled, extra) VALUES ('0123456789abcdef0123456789abcd31', 'identity', 1, '{"name": "keystone"}');
INSERT INTO endpoint (id, interface, service_id, url, extra, enabled, region_id) VALUES
  ('0123456789abcdef0123456789abcd41', 'public', '0123456789abcdef0123456789abcd31', 'http://$address:5000/v3/', '{}', 1, 'RegionOne'),
  ('0123456789abcdef0123456789abcd42', 'internal', '0123456789abcdef0123456789abcd31', 'http://$address:5000/v3/', '{}', 1, 'RegionOne'),
  ('0123456789abcdef0123456789abcd43', 'admin', '0123456789abcdef0123456789abcd31', 'http://$address:5000/v3/', '{}', 1, 'RegionOne');
INSERT INTO revocation_event (revoked_at, issued_before) SELECT '2023-01-01', '2023-01-01' FROM seq_1_to_3000;
END
cat >/etc/keystone/keystone.conf <<END
[DEFAULT]
log_dir = /var/log/keystone
[database]
connection = mysql+pymysql://keystone:key%25stone\$\$db@$address/keystone?charset=utf8
[token]
provider = fernet
[fernet_tokens]
key_repository = /etc/keystone/fernet-keys
[credential]
key_repository = /etc/keystone/credential-keys
END
for kind in fernet credential; do
  install -d -o keystone -g keystone -m 700 /etc/keystone/$kind-keys
  for number in 0 1; do
    printf %s "$(printf '%s' "$kind $number" | sha256sum | cut -c1-43)=" >/etc/keystone/$kind-keys/$number
    chown keystone: /etc/keystone/$kind-keys/$number && chmod 600 /etc/keystone/$kind-keys/$number
  done
done
cat >/root/openrc <<END
export OS_AUTH_URL=http://$address:5000/v3
export OS_USERNAME=admin
export OS_PASSWORD=admin-password
export OS_PROJECT_NAME=admin
export OS_USER_DOMAIN_NAME=Default
export OS_PROJECT_DOMAIN_NAME=Default
END
chmod 600 /root/openrc
systemctl restart keystone
token=$(curl -s --retry 20 --retry-connrefused --retry-delay 1 -D - -o /dev/null -H 'Content-Type: application/json' "http://$address:5000/v3/auth/tokens" \
  -d '{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"admin","password":"admin-password","domain":{"name":"Default"}}}}}}' |
  sed -n 's/^[Xx]-[Ss]ubject-[Tt]oken: \(\S*\).*/\1/p')
curl -sf -H "X-Auth-Token: $token" -H 'Content-Type: application/json' "http://$address:5000/v3/credentials" \
  -d '{"credential":{"type":"ec2","blob":"{\"access\":\"a\",\"secret\":\"s\"}","project_id":"0123456789abcdef0123456789abcd01"}}' >/dev/null
# Deterministic: a disturbed cloud is compared with an undisturbed one.
mysql keystone -e "UPDATE credential SET id = '0123456789abcdef0123456789abcd51'"
