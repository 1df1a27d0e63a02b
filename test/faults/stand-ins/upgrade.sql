ALTER TABLE access_rule DROP KEY access_rule_external_id_key;
ALTER TABLE mapping ADD COLUMN schema_version varchar(5) NOT NULL DEFAULT '1.0';
ALTER TABLE project_tag DROP KEY project_id;
ALTER TABLE service_provider MODIFY relay_state_prefix varchar(256) NOT NULL;
ALTER TABLE trust DROP KEY duplicate_trust_constraint_expanded, ADD UNIQUE KEY duplicate_trust_constraint (trustor_user_id, trustee_user_id, project_id, impersonation, expires_at);
DELETE FROM alembic_version;
INSERT INTO alembic_version VALUES ('47147121'), ('c88cdce8f248');
