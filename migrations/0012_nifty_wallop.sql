ALTER TABLE `clients` ADD `registered_from` text;--> statement-breakpoint
ALTER TABLE `device_authorizations` ADD `network` text;