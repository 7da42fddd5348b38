CREATE TABLE `identity_links` (
	`id` text PRIMARY KEY NOT NULL,
	`provider_id` text NOT NULL,
	`subject` text NOT NULL,
	`tenant_id` text NOT NULL,
	`user_id` text NOT NULL,
	`email` text,
	`created_by` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`last_used_at` integer,
	FOREIGN KEY (`provider_id`) REFERENCES `identity_providers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`tenant_id`,`user_id`) REFERENCES `members`(`tenant_id`,`user_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `identity_links_subject` ON `identity_links` (`provider_id`,`subject`);--> statement-breakpoint
CREATE UNIQUE INDEX `identity_links_user` ON `identity_links` (`provider_id`,`user_id`);--> statement-breakpoint
CREATE INDEX `identity_links_member` ON `identity_links` (`tenant_id`,`user_id`);--> statement-breakpoint
CREATE INDEX `identity_links_person` ON `identity_links` (`user_id`);--> statement-breakpoint
CREATE TABLE `identity_providers` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`issuer` text NOT NULL,
	`jwks_uri` text,
	`issuer_tenant` text,
	`trusts_emails` integer DEFAULT false NOT NULL,
	`assertions` integer DEFAULT false NOT NULL,
	`client_id` text,
	`client_secret` text,
	`client_secret_last_four` text,
	`created_by` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (unixepoch()) NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `identity_providers_issuer` ON `identity_providers` (`tenant_id`,`issuer`);--> statement-breakpoint
ALTER TABLE `grants` ADD `identity_link_id` text REFERENCES identity_links(id) ON DELETE cascade;--> statement-breakpoint
CREATE INDEX `grants_identity_link` ON `grants` (`identity_link_id`);--> statement-breakpoint
ALTER TABLE `members` ADD `invited_as` text;--> statement-breakpoint
ALTER TABLE `sign_ins` ADD `tenant_id` text REFERENCES tenants(id) ON DELETE cascade;--> statement-breakpoint
ALTER TABLE `sign_ins` ADD `identity_link_id` text REFERENCES identity_links(id) ON DELETE cascade;--> statement-breakpoint
CREATE INDEX `sign_ins_identity_link` ON `sign_ins` (`identity_link_id`);