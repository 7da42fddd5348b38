CREATE TABLE `access_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`key_hash` text NOT NULL,
	`last_four` text NOT NULL,
	`name` text NOT NULL,
	`tenant_id` text NOT NULL,
	`server_id` text NOT NULL,
	`user_id` text,
	`client_issuer` text,
	`client_id` text,
	`scopes` text NOT NULL,
	`tools` text,
	`created_by` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`last_used_at` integer,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`server_id`) REFERENCES `hosted_servers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`tenant_id`,`user_id`) REFERENCES `members`(`tenant_id`,`user_id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`client_issuer`,`client_id`) REFERENCES `clients`(`issuer`,`client_id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "access_keys_holder" CHECK(("access_keys"."user_id" IS NULL) <> ("access_keys"."client_id" IS NULL))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `access_keys_keyHash_unique` ON `access_keys` (`key_hash`);--> statement-breakpoint
CREATE INDEX `access_keys_server` ON `access_keys` (`server_id`);--> statement-breakpoint
CREATE INDEX `access_keys_member` ON `access_keys` (`tenant_id`,`user_id`);--> statement-breakpoint
CREATE INDEX `access_keys_client` ON `access_keys` (`client_issuer`,`client_id`);--> statement-breakpoint
CREATE INDEX `access_keys_expires_at` ON `access_keys` (`expires_at`);--> statement-breakpoint
CREATE TABLE `machine_grants` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`server_id` text NOT NULL,
	`client_issuer` text NOT NULL,
	`client_id` text NOT NULL,
	`scopes` text NOT NULL,
	`tools` text,
	`created_by` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`last_used_at` integer,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`server_id`) REFERENCES `hosted_servers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`client_issuer`,`client_id`) REFERENCES `clients`(`issuer`,`client_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `machine_grants_client` ON `machine_grants` (`client_issuer`,`client_id`,`server_id`);--> statement-breakpoint
CREATE INDEX `machine_grants_server` ON `machine_grants` (`server_id`);--> statement-breakpoint
CREATE INDEX `machine_grants_tenant` ON `machine_grants` (`tenant_id`);--> statement-breakpoint
CREATE TABLE `machine_tokens` (
	`issuer` text NOT NULL,
	`hash` text NOT NULL,
	`tenant_id` text NOT NULL,
	`server_id` text NOT NULL,
	`grant_id` text NOT NULL,
	`scopes` text NOT NULL,
	`audience` text NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`issuer`, `hash`),
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`server_id`) REFERENCES `hosted_servers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`grant_id`) REFERENCES `machine_grants`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `machine_tokens_grant` ON `machine_tokens` (`grant_id`);--> statement-breakpoint
CREATE INDEX `machine_tokens_server` ON `machine_tokens` (`server_id`);--> statement-breakpoint
CREATE INDEX `machine_tokens_tenant` ON `machine_tokens` (`tenant_id`);--> statement-breakpoint
CREATE INDEX `machine_tokens_expires_at` ON `machine_tokens` (`expires_at`);--> statement-breakpoint
ALTER TABLE `client_approvals` ADD `asked_by` text REFERENCES users(id) ON DELETE SET NULL;--> statement-breakpoint
CREATE INDEX `client_approvals_waiting` ON `client_approvals` (`state`,`created_at`);--> statement-breakpoint
ALTER TABLE `clients` ADD `secret_last_four` text;--> statement-breakpoint
ALTER TABLE `clients` ADD `previous_secret_hash` text;--> statement-breakpoint
ALTER TABLE `clients` ADD `previous_secret_expires_at` integer;--> statement-breakpoint
ALTER TABLE `clients` ADD `created_by` text REFERENCES users(id) ON DELETE SET NULL;--> statement-breakpoint
ALTER TABLE `hosted_servers` ADD `machine_scopes` text DEFAULT '[]' NOT NULL;