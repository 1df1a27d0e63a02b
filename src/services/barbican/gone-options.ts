/** Made by tools/gone-options.mjs from the option definitions of every release tag; not to be edited. */
export const barbicanGoneOptions = `
barbican	2024.1	certificate	enabled_certificate_plugins namespace
barbican	2024.1	certificate_event	enabled_certificate_event_plugins namespace
barbican	2024.1	dogtag_plugin	auto_approved_profiles ca_expiration_time plugin_working_dir simple_cmc_profile
barbican	2024.1	p11_crypto_plugin	token_label
barbican	2024.1	snakeoil_ca_plugin	ca_cert_chain_path ca_cert_key_path ca_cert_path ca_cert_pkcs7_path subca_cert_key_directory
barbican	2024.1	symantec_plugin	password url username
barbican	2024.2	DEFAULT	sql_connection=database.connection sql_idle_timeout=database.connection_recycle_time sql_max_retries=database.max_retries sql_pool_max_overflow=database.max_overflow sql_pool_size=database.max_pool_size sql_retry_interval=database.retry_interval
barbican	2025.2	p11_crypto_plugin	algorithm=.encryption_mechanism
`
