# Only where the database has a private address: a network with nothing else in it.

locals {
  network = var.private_database ? {
    network    = google_compute_network.main[0].id
    subnetwork = google_compute_subnetwork.functions[0].id
  } : null
}

resource "google_compute_network" "main" {
  count = var.private_database ? 1 : 0

  name                    = "pegasus"
  auto_create_subnetworks = false
  depends_on              = [google_project_service.main]
}

resource "google_compute_subnetwork" "functions" {
  count = var.private_database ? 1 : 0

  name                     = "pegasus-functions"
  region                   = var.region
  network                  = google_compute_network.main[0].id
  private_ip_google_access = true

  # An instance takes up to two addresses, and gives them back late: room for 1,000.
  ip_cidr_range = "10.20.0.0/21"

  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
  }
}

# A network without it lets nothing in, by its implied rule. Explicit, and with a higher priority
# than a rule that may be added later.
resource "google_compute_firewall" "nothing_comes_in" {
  count = var.private_database ? 1 : 0

  name          = "pegasus-nothing-comes-in"
  network       = google_compute_network.main[0].id
  direction     = "INGRESS"
  priority      = 1000
  source_ranges = ["0.0.0.0/0"]

  deny {
    protocol = "all"
  }
}

resource "google_compute_global_address" "database" {
  count = var.private_database ? 1 : 0

  name          = "pegasus-database"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
  network       = google_compute_network.main[0].id
  labels        = local.labels
}

resource "google_service_networking_connection" "database" {
  count = var.private_database ? 1 : 0

  network                 = google_compute_network.main[0].id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.database[0].name]
}
