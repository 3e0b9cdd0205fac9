terraform {
  # 1.9: a variable's validation may look at other variables.
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.7"
    }
  }

  # The bucket and the folder are given at `terraform init -backend-config=…`: no two
  # installations share a state, and the bucket is there before Terraform is.
  backend "gcs" {}
}

provider "google" {
  project = var.project_id
  region  = var.region

  # A budget belongs to a billing account, so its API needs a project to charge the call to.
  billing_project       = var.project_id
  user_project_override = true
}

data "google_project" "this" {
  project_id = var.project_id
}
