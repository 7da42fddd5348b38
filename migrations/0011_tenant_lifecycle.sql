CREATE TABLE `retired_servers` (
	`tenant_id` text NOT NULL,
	`slug` text NOT NULL,
	`server_id` text NOT NULL,
	`retired_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `slug`),
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `retired_servers_retired_at` ON `retired_servers` (`retired_at`);--> statement-breakpoint
CREATE TABLE `retired_tenants` (
	`slug` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`owners` text NOT NULL,
	`retired_by` text NOT NULL,
	`retired_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `retired_tenants_retired_by` ON `retired_tenants` (`retired_by`,`retired_at`);--> statement-breakpoint
CREATE INDEX `retired_tenants_retired_at` ON `retired_tenants` (`retired_at`);--> statement-breakpoint
ALTER TABLE `idempotency_keys` ADD `attempt` text;--> statement-breakpoint
ALTER TABLE `idempotency_keys` ADD `lease_until` integer;--> statement-breakpoint
ALTER TABLE `tenants` ADD `suspended_because` text;