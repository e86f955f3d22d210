"""The addresses of tables that come in."""

from django.urls import URLPattern, path

from hatangso_web.indicators.views import imports, measured

IMPORTS: list[URLPattern] = [
    path("so-lieu/nap-bang/", imports.imports, name="imports"),
    path("so-lieu/nap-bang/<int:pk>/", imports.table, name="import"),
    path("so-lieu/nap-bang/<int:pk>/cot/", imports.columns, name="import_columns"),
    path("so-lieu/nap-bang/<int:pk>/danh-dau.xlsx", imports.marked, name="import_marked"),
    path("so-lieu/tu-dot-do/<int:pk>/", measured.speed_values, name="speed_values"),
]
