CREATE TABLE `device_authorizations` (
	`issuer` text NOT NULL,
	`device_code_hash` text NOT NULL,
	`user_code_hash` text NOT NULL,
	`tenant_id` text NOT NULL,
	`server_id` text NOT NULL,
	`form` text NOT NULL,
	`client_id` text NOT NULL,
	`document_hash` text,
	`scopes` text NOT NULL,
	`code_challenge` text NOT NULL,
	`requested_from` text,
	`state` text DEFAULT 'waiting' NOT NULL,
	`sealed_code` text,
	`user_id` text,
	`interval` integer NOT NULL,
	`polled_at` integer,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`issuer`, `device_code_hash`),
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`server_id`) REFERENCES `hosted_servers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `device_authorizations_userCodeHash_unique` ON `device_authorizations` (`user_code_hash`);--> statement-breakpoint
CREATE INDEX `device_authorizations_server` ON `device_authorizations` (`server_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `device_authorizations_expires_at` ON `device_authorizations` (`expires_at`);