DROP INDEX `grants_user`;--> statement-breakpoint
CREATE INDEX `grants_server` ON `grants` (`server_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `grants_user` ON `grants` (`user_id`,`created_at`,`id`);