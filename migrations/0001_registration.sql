CREATE TABLE `initial_access_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`token_hash` text NOT NULL,
	`last_four` text NOT NULL,
	`name` text NOT NULL,
	`tenant_id` text NOT NULL,
	`server_id` text NOT NULL,
	`created_by` text,
	`uses` integer DEFAULT 0 NOT NULL,
	`max_uses` integer,
	`last_used_at` integer,
	`expires_at` integer NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`server_id`) REFERENCES `hosted_servers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `initial_access_tokens_tokenHash_unique` ON `initial_access_tokens` (`token_hash`);--> statement-breakpoint
CREATE INDEX `initial_access_tokens_server` ON `initial_access_tokens` (`server_id`);--> statement-breakpoint
CREATE INDEX `initial_access_tokens_tenant` ON `initial_access_tokens` (`tenant_id`);--> statement-breakpoint
CREATE INDEX `initial_access_tokens_expires_at` ON `initial_access_tokens` (`expires_at`);--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_clients` (
	`issuer` text NOT NULL,
	`client_id` text NOT NULL,
	`tenant_id` text,
	`server_id` text,
	`secret_hash` text,
	`keys` text,
	`metadata_hash` text,
	`name` text,
	`redirect_uris` text NOT NULL,
	`grant_types` text NOT NULL,
	`response_types` text NOT NULL,
	`token_endpoint_auth_method` text NOT NULL,
	`application_type` text DEFAULT 'web' NOT NULL,
	`metadata` text NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`last_used_at` integer,
	`expires_at` integer,
	PRIMARY KEY(`issuer`, `client_id`),
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`server_id`) REFERENCES `hosted_servers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `__new_clients`("issuer", "client_id", "tenant_id", "server_id", "secret_hash", "keys", "metadata_hash", "name", "redirect_uris", "grant_types", "response_types", "token_endpoint_auth_method", "application_type", "metadata", "created_at", "last_used_at", "expires_at") SELECT "issuer", "client_id", "tenant_id", "server_id", "secret_hash", "keys", "metadata_hash", "name", "redirect_uris", "grant_types", "response_types", "token_endpoint_auth_method", "application_type", "metadata", "created_at", "last_used_at", "expires_at" FROM `clients`;--> statement-breakpoint
DROP TABLE `clients`;--> statement-breakpoint
ALTER TABLE `__new_clients` RENAME TO `clients`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE UNIQUE INDEX `clients_metadata` ON `clients` (`issuer`,`metadata_hash`);--> statement-breakpoint
CREATE INDEX `clients_expires_at` ON `clients` (`expires_at`);--> statement-breakpoint
CREATE INDEX `clients_unused` ON `clients` (`issuer`,`last_used_at`,`created_at`);--> statement-breakpoint
CREATE INDEX `clients_tenant` ON `clients` (`tenant_id`);--> statement-breakpoint
ALTER TABLE `hosted_servers` ADD `registration` text DEFAULT 'open' NOT NULL;--> statement-breakpoint
CREATE INDEX `grants_client_id` ON `grants` (`client_id`);